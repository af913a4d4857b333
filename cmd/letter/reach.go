package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"letterlock/wire"
)

type reachCmd struct {
	JSON bool `name:"json" help:"One JSON object, every process by itself."`
}

// Run is the command.
func (r *reachCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		x, err := d.Reach(ctx)
		if err != nil {
			return err
		}
		if r.JSON {
			return t.json(x)
		}
		fmt.Fprintf(t.out, "What could be handed over about %s today, %s, after a trained person has reviewed a request\nand two others have signed what is released:\n", d.me.Phone, stamp(x.Time))
		for _, g := range alike(x.Processes) {
			fmt.Fprintln(t.out)
			for _, p := range g {
				fmt.Fprintf(t.out, "%s, %s%s\n", plain(p.Place), plain(p.Name), locked(p))
			}
			for _, f := range g[0].Facts {
				fmt.Fprintf(t.out, "    %-28s %s\n", plain(f.Title)+":", plain(f.Value))
			}
			if len(g[0].Facts) == 0 {
				fmt.Fprintln(t.out, "    nothing")
			}
		}
		fmt.Fprintln(t.out, "\nWhat you write, and to whom, is in none of them: the service does not have it.")
		return nil
	})
}

func locked(p wire.ReachedBy) string {
	if p.Locked == "" {
		return ""
	}
	return " (nothing as things stand: " + plain(p.Locked) + ")"
}

// alike puts processes that would yield the same together, those that yield most
// first.
func alike(all []wire.ReachedBy) (out [][]wire.ReachedBy) {
	at := map[string]int{}
	for _, p := range all {
		var key strings.Builder
		for _, f := range p.Facts {
			key.WriteString(f.Field + "\x00" + f.Value + "\x00")
		}
		i, ok := at[key.String()]
		if !ok {
			i = len(out)
			at[key.String()], out = i, append(out, nil)
		}
		out[i] = append(out[i], p)
	}
	slices.SortStableFunc(out, func(a, b []wire.ReachedBy) int { return len(b[0].Facts) - len(a[0].Facts) })
	return out
}
