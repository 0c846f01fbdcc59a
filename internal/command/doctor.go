package command

import (
	"errors"
	"fmt"

	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/server"
)

type doctor struct {
	People doctorPeople `cmd:"" help:"List people whose rows contradict each other, exit 1 when there are any; or take one apart."`
}

type doctorPeople struct {
	database
	Split string `help:"Take this person apart; what workspaces were sold stays theirs." placeholder:"PERSON"`
}

// Run lists people who are rather several, or takes one apart.
func (d *doctorPeople) Run(o *output) (err error) {
	srv, err := server.Open(o.ctx, server.Config{Database: d.Database})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Close()) }()
	if d.Split != "" {
		return d.split(o, srv.Directory)
	}
	n := 0
	err = srv.Directory.MixedPeople(o.ctx, func(mixed directory.MixedPerson) error {
		n++
		_, err := fmt.Fprintf(o.stdout, "%s  %s: %s\n", mixed.ID, mixed.Name, mixed.Because)
		return err
	})
	if err != nil {
		return err
	}
	if n == 0 {
		fmt.Fprintln(o.stdout, "No person's rows contradict each other.")
		return nil
	}
	fmt.Fprintf(o.stdout, "%d people have rows that contradict each other. Take one apart with leadmeter doctor people --split PERSON.\n", n)
	return exitCode(1)
}

func (d *doctorPeople) split(o *output, people *directory.Directory) error {
	s, err := people.Split(o.ctx, d.Split)
	if err != nil {
		return err
	}
	for _, p := range s.People {
		fmt.Fprintf(o.stdout, "%s  %s\n", p.ID, p.Name())
	}
	if s.LeftOut > 0 {
		fmt.Fprintf(o.stdout, "%d values were left out, because nothing says whose they are. Import the files again to add them to the right person.\n", s.LeftOut)
	}
	return nil
}
