package redisconn

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// maxAddrs bounds the hosts that one URL may list.
const maxAddrs = 64

// The library has a parser for each kind of server, but none for hosts
// separated by commas, and all of them quote the URL in their errors. Here
// every error is a fixed text, except for the names of known parameters.
var (
	errScheme   = errors.New("the scheme must be redis, rediss, redis+sentinel or redis+cluster")
	errUser     = errors.New("malformed user name or password (percent-encode special characters)")
	errHost     = errors.New("malformed host or port (percent-encode special characters of the password)")
	errPath     = errors.New("malformed path: redis[s]://host[:port][/db], redis+sentinel://host[,host]/master[/db], redis+cluster://host[,host]")
	errDB       = errors.New("the database must be a number from 0 up")
	errQuery    = errors.New("malformed parameters")
	errFragment = errors.New("a # must be percent-encoded")
	errUnknown  = errors.New("unknown parameter (known: db, pool_size, protocol, sentinel_password, sentinel_username, skip_verify, tls)")
)

// parse turns rawURL into the part of the options that says where the server
// is and who asks.
func parse(rawURL string) (*redis.UniversalOptions, error) {
	scheme, rest, ok := strings.Cut(strings.TrimSpace(rawURL), "://")
	if !ok {
		return nil, errScheme
	}
	if strings.Contains(rest, "#") {
		return nil, errFragment
	}
	rest, query, _ := strings.Cut(rest, "?")
	authority, path, _ := strings.Cut(rest, "/")

	o := &redis.UniversalOptions{}
	hosts, err := parseUser(o, authority)
	if err != nil {
		return nil, err
	}
	if err := parseScheme(o, scheme, hosts, path); err != nil {
		return nil, err
	}
	if err := parseQuery(o, query); err != nil {
		return nil, err
	}
	return o, nil
}

// parseUser takes user and password off the front of authority and returns
// the hosts.
func parseUser(o *redis.UniversalOptions, authority string) (hosts string, err error) {
	at := strings.LastIndexByte(authority, '@')
	if at < 0 {
		return authority, nil
	}
	user, password, _ := strings.Cut(authority[:at], ":")
	if o.Username, err = url.PathUnescape(user); err != nil {
		return "", errUser
	}
	if o.Password, err = url.PathUnescape(password); err != nil {
		return "", errUser
	}
	return authority[at+1:], nil
}

func parseScheme(o *redis.UniversalOptions, scheme, hosts, path string) error {
	port := "6379"
	master, db := "", path
	switch scheme {
	case "redis":
	case "rediss":
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	case "redis+cluster":
		o.IsClusterMode = true
		if path != "" {
			return errPath
		}
	case "redis+sentinel":
		port = "26379"
		master, db, _ = strings.Cut(path, "/")
		name, err := url.PathUnescape(master)
		if err != nil || name == "" {
			return errPath
		}
		o.MasterName = name
	default:
		return errScheme
	}
	if err := parseHosts(o, hosts, port); err != nil {
		return err
	}
	if len(o.Addrs) > 1 && o.MasterName == "" && !o.IsClusterMode {
		return errHost
	}
	return parseDB(o, strings.TrimSuffix(db, "/"))
}

func parseHosts(o *redis.UniversalOptions, hosts, port string) error {
	for host := range strings.SplitSeq(hosts, ",") {
		addr, err := hostPort(host, port)
		if err != nil {
			return err
		}
		if o.Addrs = append(o.Addrs, addr); len(o.Addrs) > maxAddrs {
			return errHost
		}
	}
	return nil
}

// hostPort completes host with port where it names none.
func hostPort(host, port string) (string, error) {
	name := host
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		name, port = host[:i], host[i+1:]
	}
	if strings.HasPrefix(name, "[") && strings.HasSuffix(name, "]") {
		name = name[1 : len(name)-1]
	} else if strings.ContainsAny(name, ":[]") {
		return "", errHost
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", errHost
	}
	if name == "" || strings.ContainsAny(name, "@ \t\r\n%") {
		return "", errHost
	}
	return net.JoinHostPort(name, port), nil
}

func parseDB(o *redis.UniversalOptions, s string) error {
	if s == "" {
		return nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return errDB
	}
	o.DB = n
	return nil
}

func parseQuery(o *redis.UniversalOptions, query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return errQuery
	}
	var skipVerify bool
	for name, all := range values {
		value := all[len(all)-1]
		switch name {
		case "db":
			err = parseDB(o, value)
		case "pool_size":
			o.PoolSize, err = number(name, value, 1, 1000)
		case "protocol":
			o.Protocol, err = number(name, value, 2, 3)
		case "sentinel_username":
			o.SentinelUsername = value
		case "sentinel_password":
			o.SentinelPassword = value
		case "skip_verify":
			skipVerify, err = boolean(name, value)
		case "tls":
			err = setTLS(o, name, value)
		default:
			return errUnknown
		}
		if err != nil {
			return err
		}
	}
	if skipVerify && o.TLSConfig != nil {
		o.TLSConfig.InsecureSkipVerify = true // The operator asked for it by name.
	}
	if o.DB != 0 && o.IsClusterMode {
		return errors.New("a cluster has only database 0")
	}
	return nil
}

func setTLS(o *redis.UniversalOptions, name, value string) error {
	on, err := boolean(name, value)
	if err == nil && on && o.TLSConfig == nil {
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return err
}

func number(name, value string, lo, hi int) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < lo || n > hi {
		return 0, fmt.Errorf("parameter %s must be a number from %d to %d", name, lo, hi)
	}
	return n, nil
}

func boolean(name, value string) (bool, error) {
	b, err := strconv.ParseBool(value)
	if err != nil {
		return false, fmt.Errorf("parameter %s must be true or false", name)
	}
	return b, nil
}
