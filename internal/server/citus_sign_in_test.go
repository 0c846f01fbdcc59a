package server_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/signin"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// nodeOf is the node that has a workspace.
func (w *world) nodeOf(conn *pgx.Conn, ws string) (node string) {
	w.Helper()
	if err := conn.QueryRow(ctx, `SELECT n.nodename || ':' || n.nodeport FROM pg_dist_placement p JOIN pg_dist_node n ON n.groupid = p.groupid
		WHERE p.shardid = get_shard_id_for_distribution_column('accounts', $1::text)`, ws).Scan(&node); err != nil {
		w.Fatal(err)
	}
	return node
}

// While a worker is gone, the members of workspaces that others have sign in, by each way: they are
// found without it. Who is in a workspace of each is let in to the one that answers.
func TestSignInWhileANodeIsGone(t *testing.T) {
	harm := testdb.Faults(t)
	address := ""
	vouched(t, func(c *server.Config) { address = c.Database }, func(w *world, i *issuer, _ *hands) {
		if w.server.Store.Engine() != "postgres" {
			return
		}
		healthy, gone, node := w.onTwoNodes(address)
		people, links := map[string][]string{"mel@acme.example": {healthy}, "ada@acme.example": {healthy, gone}}, map[string]bool{}
		for email, spaces := range people {
			var in []signin.Membership
			for _, ws := range spaces {
				in = append(in, signin.Membership{Workspace: ws, Member: w.newMember(ws, email, "Mel", "admin")})
			}
			w.accustom(i, email, in)
		}
		key := w.as(w.post(w.operator, client.In(healthy, "keys"), is{"name": "k", "role": "admin"}, 201)["key"].(string))
		for _, fault := range []string{"kill", "freeze", "cut"} {
			harm(fault, node)
			for email := range people {
				w.Logf("%s, %s", fault, email)
				w.signsInEachWay(i, email, links)
			}
			w.get(key, client.In(healthy, "members"))
			harm("back", node)
			w.poll(func() bool { // the other workspace is there again
				v := w.visitor()
				i.says(is{"sub": "ada@acme.example", "email": "ada@acme.example"})
				v.get(withOkta)
				return v.where == "/sign-in/choose" && v.status == 200
			})
		}
	})
}

// accustom lets somebody sign in by the issuer once, and sets a password in each workspace.
func (w *world) accustom(i *issuer, email string, in []signin.Membership) {
	w.Helper()
	i.says(is{"sub": email, "email": email})
	w.visitor().get(withOkta)
	for _, d := range in {
		v := w.signedInAs(d.Workspace, d.Member)
		v.post("/settings/password", "password", password).has("The password is set.")
	}
}

// signsInEachWay signs somebody in by a link, a password and an issuer, to the workspace that answers.
func (w *world) signsInEachWay(i *issuer, email string, links map[string]bool) {
	w.Helper()
	v := w.visitor()
	v.get("/sign-in").has("Sign in")
	v.ask(email)
	link := ""
	w.poll(func() bool { link = w.newest(email); return !links[link] })
	links[link] = true
	v.post("/sign-in/link/use", "token", token(link)).at("/leads")

	v = w.visitor()
	if v.signsIn(email, password); v.where == "/sign-in/choose" {
		v.has("Not all of your workspaces can be reached at the moment.")
		v.post("/sign-in/choose", "membership", v.found(`name="membership" value="([^"]+)"`))
	}
	v.at("/leads")

	i.says(is{"sub": email, "email": email})
	v = w.visitor()
	v.get(withOkta).at("/leads")
}
