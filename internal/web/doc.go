// Package web draws the pages. Each page is one component over one struct of
// plain data: whoever handles the request fills the struct, and nothing here
// reads a database, a clock or a session.
//
// It promises that every page works without JavaScript (forms that post and
// are redirected), that no page needs an inline style or script, and that
// text from outside is always escaped. htmx only enhances: a form that carries
// hx-post is answered with one of the fragments named in its comment.
package web
