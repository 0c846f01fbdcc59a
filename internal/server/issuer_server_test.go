package server_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/leadmeter/leadmeter/client"
)

// issuer is an OpenID Connect provider: discovery, keys, the authorization code with
// PKCE, and what it says of the next one to come.
type issuer struct {
	*testing.T
	*httptest.Server
	key   *rsa.PrivateKey
	clock func() time.Time

	mu     sync.Mutex
	codes  map[string]url.Values // what was asked for with each code
	claims is                    // of the next sign-in, over what is proper
	by     *rsa.PrivateKey       // who signs the next one
	refuse string                // an error instead of a code
	down   bool
	noMail bool // the token says no address, the user info does
	user   is
}

const issuerClient, issuerSecret = "leadmeter", "s3cret &="

func newIssuer(t *testing.T, clock func() time.Time) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{T: t, key: key, by: key, clock: clock, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.discovery)
	mux.HandleFunc("GET /keys", i.keys)
	mux.HandleFunc("GET /authorize", i.authorize)
	mux.HandleFunc("POST /token", i.token)
	mux.HandleFunc("GET /me", i.me)
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		down := i.down
		i.mu.Unlock()
		if down {
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) write(w http.ResponseWriter, out any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(out); err != nil {
		i.Error(err)
	}
}

func (i *issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	i.write(w, is{"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys", "userinfo_endpoint": i.URL + "/me",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic"}, "code_challenge_methods_supported": []string{"S256"}})
}

func (i *issuer) keys(w http.ResponseWriter, _ *http.Request) {
	i.write(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: i.key.Public(), KeyID: "1", Algorithm: "RS256", Use: "sig"}}})
}

// authorize knows who is there, and sends them back at once.
func (i *issuer) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	i.mu.Lock()
	defer i.mu.Unlock()
	if q.Get("client_id") != issuerClient || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || len(q.Get("nonce")) < 20 || len(q.Get("state")) < 20 ||
		!strings.Contains(q.Get("scope"), "openid") || !strings.HasPrefix(q.Get("redirect_uri"), publicURL+"/sign-in/with/") {
		i.Errorf("was asked %v", q)
	}
	back := url.Values{"state": {q.Get("state")}}
	if i.refuse != "" {
		back.Set("error", i.refuse)
	} else {
		code := client.NewKey()
		i.codes[code] = q
		back.Set("code", code)
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusSeeOther)
}

func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	asked, known := i.codes[r.PostFormValue("code")]
	delete(i.codes, r.PostFormValue("code"))
	user, secret, _ := r.BasicAuth()
	secret, _ = url.QueryUnescape(secret)
	proof := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !known || user != issuerClient || secret != issuerSecret || base64.RawURLEncoding.EncodeToString(proof[:]) != asked.Get("code_challenge") || r.PostFormValue("redirect_uri") != asked.Get("redirect_uri") {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		i.write(w, is{"error": "invalid_grant"})
		return
	}
	now := i.clock()
	says := is{"iss": i.URL, "aud": issuerClient, "sub": "u-1", "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "nonce": asked.Get("nonce"),
		"email": "mel@acme.example", "email_verified": true, "name": "Mel Member"}
	if i.noMail {
		delete(says, "email")
		delete(says, "email_verified")
	}
	for name, value := range i.claims {
		says[name] = value
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: i.by, KeyID: "1"}}, nil)
	if err != nil {
		i.Error(err)
	}
	raw, err := jwt.Signed(signer).Claims(says).Serialize()
	if err != nil {
		i.Error(err)
	}
	i.write(w, is{"access_token": "at-1", "token_type": "Bearer", "expires_in": 300, "id_token": raw})
}

func (i *issuer) me(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer at-1" {
		http.Error(w, "who?", http.StatusUnauthorized)
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.write(w, i.user)
}

// says: the next one who comes is this, over Mel with a verified address.
func (i *issuer) says(claims is) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.claims = claims
}

func (i *issuer) set(change func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	change()
}
