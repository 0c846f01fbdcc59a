package command

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// keyBeside is the file that has the secret key of a SQLite database for which no other is named:
// secret.key in its folder. Other databases have none, as several servers share theirs.
func keyBeside(database string) (file string, found bool, err error) {
	path, ok := strings.CutPrefix(database, "sqlite:")
	if !ok || path == "" {
		return "", false, nil
	}
	file = filepath.Join(filepath.Dir(path), "secret.key")
	switch _, err = os.Stat(file); {
	case err == nil:
		return file, true, nil
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(file)); err != nil {
			return "", false, nil // the database says what is wrong with its folder
		}
		return file, false, nil
	}
	return "", false, fmt.Errorf("the secret key's file: %w", err)
}

// makeKey writes a new key to a file, whole or not at all.
func makeKey(file string) error {
	var key [32]byte
	_, _ = rand.Read(key[:])                                     // never fails
	f, err := os.CreateTemp(filepath.Dir(file), ".secret.key-*") // for its owner alone
	if err != nil {
		return err
	}
	_, err = f.WriteString(hex.EncodeToString(key[:]) + "\n")
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// ownKey is keyBeside, made where it is missing.
func ownKey(o *output, database string) (file string, err error) {
	file, found, err := keyBeside(database)
	if err != nil || found || file == "" {
		return file, err
	}
	if err := makeKey(file); err != nil {
		return "", fmt.Errorf("a secret key could not be made: %w; name one with secret_key_file", err)
	}
	fmt.Fprintf(o.stdout, "Made the secret key %s. It opens the passwords and tokens that are kept in the database: keep a copy of it apart from the backups.\n", file)
	return file, nil
}
