// Tlsclient asks an address once and says what came of it, as a client that Go's own TLS makes.
//
// It prints one JSON object: either status, protocol, version, suite, the serial number of the
// server's certificate and the response's headers, or error.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// A client that waits longer waits for something that never comes.
const patience = 60 * time.Second

type options struct {
	url, ca, certificate, key  string
	maxVersion, suites, groups string
	user, password             string
	http1                      bool
}

type outcome struct {
	Error    string      `json:"error,omitempty"`
	Status   int         `json:"status,omitempty"`
	Protocol string      `json:"protocol,omitempty"`
	Version  string      `json:"version,omitempty"`
	Suite    string      `json:"suite,omitempty"`
	Serial   string      `json:"serial,omitempty"`
	Headers  http.Header `json:"headers,omitempty"`
}

func main() {
	var o options
	flag.StringVar(&o.url, "url", "", "what to ask")
	flag.StringVar(&o.ca, "ca", "", "the server's authorities; without them every server is believed")
	flag.StringVar(&o.certificate, "cert", "", "the client's certificate")
	flag.StringVar(&o.key, "key", "", "its key")
	flag.StringVar(&o.maxVersion, "max-version", "", "TLS11, TLS12 or TLS13")
	flag.StringVar(&o.suites, "suites", "", "cipher suites, with commas between them")
	flag.StringVar(&o.groups, "groups", "", "groups of the key exchange, with commas between them")
	flag.StringVar(&o.user, "user", "", "the user")
	flag.StringVar(&o.password, "password", "", "the user's password")
	flag.BoolVar(&o.http1, "http1", false, "do not offer HTTP/2")
	flag.Parse()

	answer, err := ask(o)
	if err != nil {
		answer = outcome{Error: err.Error()}
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		fmt.Fprintln(os.Stderr, "tlsclient:", err)
		os.Exit(1)
	}
}

func ask(o options) (outcome, error) {
	config, err := o.config()
	if err != nil {
		return outcome{}, err
	}
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: !o.http1}
	client := http.Client{Transport: transport, Timeout: patience}
	request, err := http.NewRequest(http.MethodGet, o.url, nil)
	if err != nil {
		return outcome{}, err
	}
	if o.user != "" {
		request.SetBasicAuth(o.user, o.password)
	}
	response, err := client.Do(request)
	if err != nil {
		return outcome{}, err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return outcome{}, err
	}
	answer := outcome{
		Status:   response.StatusCode,
		Protocol: response.Proto,
		Headers:  response.Header,
	}
	if state := response.TLS; state != nil {
		answer.Version = tls.VersionName(state.Version)
		answer.Suite = tls.CipherSuiteName(state.CipherSuite)
		answer.Serial = state.PeerCertificates[0].SerialNumber.String()
	}
	return answer, nil
}

func (o options) config() (*tls.Config, error) {
	config := &tls.Config{InsecureSkipVerify: o.ca == "", MinVersion: tls.VersionTLS10}
	if o.ca != "" {
		text, err := os.ReadFile(o.ca)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		config.RootCAs.AppendCertsFromPEM(text)
	}
	if o.certificate != "" {
		own, err := tls.LoadX509KeyPair(o.certificate, o.key)
		if err != nil {
			return nil, err
		}
		// Shown whether or not the server says that it knows its authority.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return &own, nil
		}
	}
	versions := map[string]uint16{
		"": 0, "TLS11": tls.VersionTLS11, "TLS12": tls.VersionTLS12, "TLS13": tls.VersionTLS13,
	}
	config.MaxVersion = versions[o.maxVersion]
	for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		if named(o.suites, suite.Name) {
			config.CipherSuites = append(config.CipherSuites, suite.ID)
		}
	}
	groups := map[string]tls.CurveID{
		"P256": tls.CurveP256, "P384": tls.CurveP384, "P521": tls.CurveP521, "X25519": tls.X25519,
	}
	for name, group := range groups {
		if named(o.groups, name) {
			config.CurvePreferences = append(config.CurvePreferences, group)
		}
	}
	return config, nil
}

func named(list, name string) bool {
	for _, one := range strings.Split(list, ",") {
		if one == name {
			return true
		}
	}
	return false
}
