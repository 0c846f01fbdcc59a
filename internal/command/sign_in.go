package command

import (
	"fmt"
	"os"
	"strings"

	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/signin"
)

// SignInFile is, in the configuration file, who vouches for people.
type SignInFile struct {
	SignIn struct {
		OIDC []struct {
			ID         string   `yaml:"id"`
			Name       string   `yaml:"name"`
			Issuer     string   `yaml:"issuer"`
			ClientID   string   `yaml:"client_id"`
			SecretEnv  string   `yaml:"client_secret_env"`
			SecretFile string   `yaml:"client_secret_file"`
			Workspaces []string `yaml:"workspaces"`
			Domains    []string `yaml:"domains"`
			Join       string   `yaml:"join"`
		} `yaml:"oidc"`
	} `yaml:"sign_in"`
}

// issuers are those of the file, with their secrets read.
func (f SignInFile) issuers(getenv func(string) string) (list []signin.IssuerConfig, err error) {
	for _, o := range f.SignIn.OIDC {
		c := signin.IssuerConfig{ID: o.ID, Name: o.Name, URL: o.Issuer, ClientID: o.ClientID, Workspaces: o.Workspaces, Domains: o.Domains, Join: o.Join}
		secret := ""
		switch {
		case o.SecretEnv != "" && o.SecretFile != "":
			return nil, fmt.Errorf("sign_in: oidc %s: give either client_secret_env or client_secret_file", o.ID)
		case o.SecretEnv != "":
			if secret = getenv(o.SecretEnv); secret == "" {
				return nil, fmt.Errorf("sign_in: oidc %s: the environment variable %s is empty", o.ID, o.SecretEnv)
			}
		case o.SecretFile != "":
			text, err := os.ReadFile(o.SecretFile)
			if err != nil {
				return nil, fmt.Errorf("sign_in: oidc %s: %w", o.ID, err)
			}
			if secret = strings.TrimSpace(string(text)); secret == "" {
				return nil, fmt.Errorf("sign_in: oidc %s: %s is empty", o.ID, o.SecretFile)
			}
		}
		if secret != "" {
			c.Secret = seal.Hide(secret)
		}
		list = append(list, c)
	}
	return list, nil
}
