package disclosable

// technical lists, for both halves, every stored column that is no field of the
// inventory.
var technical = []Technical{
	{Carrier, "accounts", []string{"account"}, "random id of the account", "that an account exists", "the account is deleted"},
}
