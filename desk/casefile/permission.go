package casefile

// Permission names one thing that a member of the team may be allowed to do.
// Who is allowed what is the table of desk/staff; here are only the names, so
// that every part of the desk asks in the same words.
type Permission string

// The permissions.
const (
	SeeCases      Permission = "see.cases"      // the queue and every ordinary case
	OpenCases     Permission = "open.cases"     // a case that exists for them
	SeeLent       Permission = "see.lent"       // the cases lent to them by name, and no others
	ReadPapers    Permission = "read.papers"    // open a paper; that it was read is recorded
	EnterPapers   Permission = "enter.papers"   // requests that came on paper, papers of a case, what an agency answered
	AssignCases   Permission = "assign.cases"   //
	NoteAlarms    Permission = "note.alarms"    // say that an alarm was looked at
	DecideCases   Permission = "decide.cases"   // lookups, findings, verdicts, questions, notice, grants
	DecideCounsel Permission = "decide.counsel" // what is escalated, what counsel decides, objections
	CloseAsLead   Permission = "close.lead"     // the lead's word to close a demand on the system
	ReviewAgain   Permission = "review.again"   // a second review, blind to the first
	Advise        Permission = "advise"         // write an opinion on a case
	LendCases     Permission = "lend.cases"     // to outside counsel, for a time and a reason
	HandPackages  Permission = "hand.packages"  // collect the package of a paper request
	SeeDirectory  Permission = "see.directory"  //
	KeepDirectory Permission = "keep.directory" // agencies and officers
	CutAccess     Permission = "cut.access"     // the compromise switch
	RestoreAccess Permission = "restore.access" // one of two words for giving access back
	ProposeRules  Permission = "propose.rules"  // another limit of the rules about senders
	AgreeRules    Permission = "agree.rules"    // the second word for it
	SeeLaw        Permission = "see.law"        //
	ApproveLaw    Permission = "approve.law"    //
	ConfirmClock  Permission = "confirm.clock"  //
	SeeHealth     Permission = "see.health"     // clock and ledger
	SeeTeam       Permission = "see.team"       //
	KeepTeam      Permission = "keep.team"      // invite, end a membership, see declared conflicts
	RecordCourses Permission = "record.courses" // training that was held outside the console
	TakeCourses   Permission = "take.courses"   //
	SeeFigures    Permission = "see.figures"    // the lead's page
	SeeActs       Permission = "see.acts"       // acts by kind, time and hash, without persons
	GiveOpenings  Permission = "give.openings"  // choose which cases an auditor is shown, and which parts of them
	SeeOpenings   Permission = "see.openings"   // the openings that were given
	Certify       Permission = "certify"        // read what is certified of a sealed package, and sign it
	SetPapers     Permission = "set.papers"     // say what becomes of a case's papers in public, and take them out again
	AgreePapers   Permission = "agree.papers"   // the second word before papers are public
)

// Permissions is all of them.
var Permissions = []Permission{SeeCases, OpenCases, SeeLent, ReadPapers, EnterPapers, AssignCases, NoteAlarms, DecideCases, DecideCounsel, CloseAsLead, ReviewAgain, Advise, LendCases, HandPackages,
	SeeDirectory, KeepDirectory, CutAccess, RestoreAccess, ProposeRules, AgreeRules, SeeLaw, ApproveLaw, ConfirmClock, SeeHealth, SeeTeam, KeepTeam, RecordCourses, TakeCourses, SeeFigures, SeeActs, GiveOpenings, SeeOpenings, Certify, SetPapers, AgreePapers}

var permissionWords = map[Permission]string{
	SeeCases: "see the queue and the cases", OpenCases: "open a case", SeeLent: "see the cases lent to them", ReadPapers: "read the papers of a case", EnterPapers: "enter papers and what an agency answered",
	AssignCases: "assign cases", NoteAlarms: "note that an alarm was seen", DecideCases: "decide cases", DecideCounsel: "decide as counsel", CloseAsLead: "agree as lead to close a demand on the system", ReviewAgain: "review a decision a second time",
	Advise: "write an opinion on a case", LendCases: "lend a case to outside counsel", HandPackages: "collect the package of a paper request", SeeDirectory: "see agencies and officers",
	KeepDirectory: "keep the directory of agencies and officers", CutAccess: "cut a compromised access", RestoreAccess: "give a cut access back",
	ProposeRules: "propose another limit of the rules about senders", AgreeRules: "agree to a changed limit", SeeLaw: "read the law table", ApproveLaw: "approve rows of the law table", ConfirmClock: "confirm the clock",
	SeeHealth: "see the clock and the ledger", SeeTeam: "see the team", KeepTeam: "keep the team", RecordCourses: "record training", TakeCourses: "take courses",
	SeeFigures: "see the desk's figures", SeeActs: "see acts and hashes", GiveOpenings: "choose what an auditor is shown of cases", SeeOpenings: "see the openings for auditors", Certify: "certify records as their custodian",
	SetPapers: "decide which papers the public reads", AgreePapers: "agree to what the public reads",
}

// InWords is the permission as a sentence goes on after "may".
func (p Permission) InWords() string { return permissionWords[p] }
