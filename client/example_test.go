package client_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/credits/unit"
)

// A charge that is sent again under its key is made once.
func ExampleClient_Charge() {
	c := &client.Client{Server: "https://leads.example.com", Key: os.Getenv("LEADMETER_KEY")}
	key := client.NewKey() // keep it with the order that it pays for
	balance, err := c.Charge(context.Background(), "ws_1", key, "standard", 2*unit.Credit)
	var no *client.Problem
	switch {
	case errors.As(err, &no) && no.Code == "insufficient_credits":
		fmt.Println("not enough credits:", no.Detail)
	case err != nil:
		fmt.Println("unknown: send it again with the same key:", err)
	default:
		fmt.Println("available", balance.Available)
	}
}

// Any number of goroutines share one connection, and a charge costs a line.
func ExampleClient_Stream() {
	c := &client.Client{Server: "https://leads.example.com", Key: os.Getenv("LEADMETER_KEY")}
	ctx := context.Background()
	s := c.Stream(ctx, "ws_1")
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if _, err := s.Charge(ctx, client.NewKey(), "standard", unit.Credit); err != nil {
				fmt.Println(err)
			}
		})
	}
	all.Wait()
	if err := s.Close(); err != nil {
		fmt.Println(err)
	}
}

// A capture charges for what was found, field by field.
func ExampleClient_Capture() {
	c := &client.Client{Server: "https://leads.example.com", Key: os.Getenv("LEADMETER_KEY")}
	got, err := c.Capture(context.Background(), "ws_1", client.NewKey(), client.Capture{
		Person: client.Person{LinkedInURL: "https://www.linkedin.com/in/ada"},
		Fields: []string{"work_email", "mobile_phone"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for name, f := range got.Fields {
		fmt.Println(name, f.Outcome, f.Amount)
	}
}
