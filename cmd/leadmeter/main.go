// Command leadmeter is the server, and the tools that go with it.
package main

import (
	"os"
	_ "time/tzdata" // periods must not depend on what the machine has installed

	"github.com/leadmeter/leadmeter/internal/command"
)

func main() { os.Exit(command.Main(os.Args[1:], os.Stdout, os.Stderr)) }
