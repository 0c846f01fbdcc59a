package command

import (
	"fmt"

	"github.com/leadmeter/leadmeter/internal/store"
)

type migrateC struct {
	database
	Citus  bool `help:"Distribute the tables over the nodes of a Citus cluster, where they are not yet."`
	Shards int  `help:"With --citus: how many shards the workspaces are divided into; two to four for each node that is ever to have some." default:"8"`
}

// Run brings the database's schema up to date.
func (c *migrateC) Run(o *output) error {
	shards := 0
	if c.Citus {
		shards = c.Shards
		if shards < 1 || shards > store.MaxShards {
			return fmt.Errorf("--shards is %d; it must be 1 to %d", shards, store.MaxShards)
		}
	}
	if err := store.Migrate(o.ctx, c.Database, shards); err != nil {
		return err
	}
	_, err := fmt.Fprintln(o.stdout, "The schema is up to date.")
	return err
}
