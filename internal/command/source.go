package command

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/leadmeter/leadmeter/internal/seal"
)

type sourceC struct {
	SetKey  sourceSetKey  `cmd:"" name:"set-key" help:"Read a source's key from standard input and keep it sealed in the database."`
	DropKey sourceDropKey `cmd:"" name:"drop-key" help:"Forget a source's key."`
}

type sourceSetKey struct {
	database
	secretKey
	Name string `arg:"" help:"The source's name in the configuration."`
}

// Run seals the key. It is never an argument: those are seen by every process.
func (c *sourceSetKey) Run(o *output) (err error) {
	if c.SecretKeyFile == "" {
		file, found, err := keyBeside(c.Database)
		if err != nil {
			return err
		}
		if found {
			c.SecretKeyFile = file
		}
	}
	if c.SecretKeyFile == "" {
		return errors.New("--secret-key-file is needed: a file with 32 random bytes as hex, such as `openssl rand -hex 32` makes")
	}
	key, err := seal.ReadKey(c.SecretKeyFile)
	if err != nil {
		return err
	}
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	secret := strings.TrimSpace(line)
	if secret == "" {
		return fmt.Errorf("standard input must hold the key of %s on its first line: %w", c.Name, errors.Join(err, errors.New("it is empty")))
	}
	srv, err := open(o, c.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Close()) }()
	if err := srv.SealSourceKey(o.ctx, c.Name, key, seal.Hide(secret)); err != nil {
		return err
	}
	fmt.Fprintf(o.stdout, "The key of %s is kept. A running server takes it up at its next start.\n", c.Name)
	return nil
}

type sourceDropKey struct {
	database
	Name string `arg:"" help:"The source's name in the configuration."`
}

// Run forgets the key.
func (c *sourceDropKey) Run(o *output) (err error) {
	srv, err := open(o, c.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Close()) }()
	found, err := srv.DropSourceKey(o.ctx, c.Name)
	if err == nil && !found {
		err = fmt.Errorf("no key of %q is kept", c.Name)
	}
	return err
}
