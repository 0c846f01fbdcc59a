package store

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// of is where a workspace's rows are, and the connections to there.
func (c *citus) of(ws string) (*nodePools, *shardGroup, error) {
	m := c.at.Load()
	g := &m.groups[m.group(ws)]
	pools, err := c.poolsOf(g.node)
	return pools, g, err
}

func (c *citus) poolsOf(at node) (*nodePools, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if pools := c.nodes[at]; pools != nil {
		return pools, nil
	}
	var pools nodePools
	for _, p := range []struct {
		pool **pgxpool.Pool
		like *pgxpool.Config
	}{{&pools.lane, c.lane}, {&pools.pages, c.pool.Config()}} {
		config := p.like.Copy()
		if err := c.lead(config.ConnConfig, at); err != nil {
			return nil, err
		}
		var err error
		if *p.pool, err = pgxpool.NewWithConfig(context.Background(), config); err != nil {
			return nil, err
		}
	}
	c.nodes[at] = &pools
	return &pools, nil
}

// connectWithin is how long a node may take to accept a connection.
const connectWithin = 2 * time.Second

// lead makes a connection go to a node, as it would go there with the node in the address: what is
// encrypted, and whose certificate is asked for, follows from the address.
func (c *citus) lead(to *pgx.ConnConfig, at node) error {
	u, err := url.Parse(c.address)
	if err != nil {
		return errors.New("the address is not a Postgres address")
	}
	u.Host = net.JoinHostPort(at.host, strconv.Itoa(int(at.port)))
	q := u.Query()
	q.Del("host")
	q.Del("port")
	u.RawQuery = q.Encode()
	there, err := pgx.ParseConfig(u.String())
	if err != nil {
		return redacted(err)
	}
	to.Host, to.Port, to.TLSConfig, to.Fallbacks, to.ConnectTimeout = there.Host, there.Port, there.TLSConfig, there.Fallbacks, connectWithin
	return nil
}

// askers are the connections for what a transaction elsewhere asks; nil where there is no Citus.
func (c *citus) askers() *pgxpool.Pool {
	if c == nil {
		return nil
	}
	return c.asks
}

func (c *citus) close() {
	close(c.stop)
	c.asks.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, pools := range c.nodes {
		pools.lane.Close()
		pools.pages.Close()
	}
}
