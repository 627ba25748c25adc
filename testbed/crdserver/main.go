// crdserver is the API server of the tests: the real apiextensions server of
// Kubernetes (CRDs, defaulting, CEL, server-side apply, watch) without the rest
// of a cluster, together with its own etcd in the same process. It authenticates
// nobody and allows everything, so it only ever listens on loopback.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"go.etcd.io/etcd/server/v3/embed"
	"go.opentelemetry.io/otel/trace/noop"
	"k8s.io/apiextensions-apiserver/pkg/apihelpers"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver"
	listers "k8s.io/apiextensions-apiserver/pkg/client/listers/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/cmd/server/options"
	generated "k8s.io/apiextensions-apiserver/pkg/generated/openapi"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/apiserver/pkg/authentication/request/anonymous"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	openapinamer "k8s.io/apiserver/pkg/endpoints/openapi"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/util/openapi"
	"k8s.io/apiserver/pkg/util/webhook"
)

func main() {
	dir := flag.String("dir", "", "directory for the data, the certificate, the port and the kubeconfig")
	port := flag.Int("port", 0, "port on 127.0.0.1; 0 takes a free one")
	flag.Parse()
	if *dir == "" {
		fmt.Fprintln(os.Stderr, "crdserver: -dir is required")
		os.Exit(2)
	}
	if err := run(*dir, *port); err != nil {
		fmt.Fprintln(os.Stderr, "crdserver:", err)
		os.Exit(1)
	}
}

func run(dir string, port int) error {
	etcd, err := startEtcd(filepath.Join(dir, "etcd"))
	if err != nil {
		return fmt.Errorf("etcd: %w", err)
	}
	defer etcd.Close()

	// Binding here and handing the listener on leaves no moment in which
	// another process could take the port.
	listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return err
	}
	o := options.NewCustomResourceDefinitionsServerOptions(os.Stdout, os.Stderr)
	fs := pflag.NewFlagSet("crdserver", pflag.ContinueOnError)
	o.AddFlags(fs)
	r := o.RecommendedOptions
	r.Etcd.StorageConfig.Transport.ServerList = []string{etcd.Clients[0].Addr().String()}
	r.SecureServing.Listener = listener
	r.SecureServing.BindAddress = net.IPv4(127, 0, 0, 1)
	r.SecureServing.ServerCert.CertDirectory = filepath.Join(dir, "certs")
	// The delegating options would look for a kube-apiserver to ask.
	r.Authentication, r.Authorization, r.Admission, r.CoreAPI = nil, nil, nil, nil
	r.Features.EnablePriorityAndFairness = false
	if err := o.Complete(); err != nil {
		return err
	}
	if err := o.Validate(); err != nil {
		return err
	}
	config, err := configOf(o)
	if err != nil {
		return err
	}
	groups := &groupList{}
	server, err := config.Complete().New(genericapiserver.NewEmptyDelegateWithCustomHandler(groups))
	if err != nil {
		return err
	}
	groups.crds = server.Informers.Apiextensions().V1().CustomResourceDefinitions().Lister()
	if err := writeKubeconfig(dir, listener.Addr().(*net.TCPAddr).Port); err != nil {
		return err
	}
	return server.GenericAPIServer.PrepareRun().RunWithContext(genericapiserver.SetupSignalContext())
}

// configOf does what o.Config does, but for the services of a core API: without them a
// conversion webhook is reached by its URL only, and no informer waits for a cluster.
func configOf(o *options.CustomResourceDefinitionsServerOptions) (*apiserver.Config, error) {
	r := o.RecommendedOptions
	if err := r.SecureServing.MaybeDefaultWithSelfSignedCerts("localhost", nil, []net.IP{r.SecureServing.BindAddress}); err != nil {
		return nil, err
	}
	generic := genericapiserver.NewRecommendedConfig(apiserver.Codecs)
	if err := o.ServerRunOptions.ApplyTo(&generic.Config); err != nil {
		return nil, err
	}
	if err := r.ApplyTo(generic); err != nil {
		return nil, err
	}
	if err := o.APIEnablement.ApplyTo(&generic.Config, apiserver.DefaultAPIResourceConfigSource(), apiserver.Scheme); err != nil {
		return nil, err
	}
	// The schemas of CRDs are published only where both versions of OpenAPI are.
	definitions := openapi.GetOpenAPIDefinitionsWithoutDisabledFeatures(generated.GetOpenAPIDefinitions)
	namer := openapinamer.NewDefinitionNamer(apiserver.Scheme)
	generic.OpenAPIConfig = genericapiserver.DefaultOpenAPIConfig(definitions, namer)
	generic.OpenAPIV3Config = genericapiserver.DefaultOpenAPIV3Config(definitions, namer)
	generic.Authentication.Authenticator = anonymous.NewAuthenticator(nil)
	generic.Authorization.Authorizer = authorizerfactory.NewAlwaysAllowAuthorizer()
	return &apiserver.Config{
		GenericConfig: generic,
		ExtraConfig: apiserver.ExtraConfig{
			CRDRESTOptionsGetter: options.NewCRDRESTOptionsGetter(*r.Etcd, generic.ResourceTransformers, generic.StorageObjectCountTracker),
			ServiceResolver:      webhook.NewDefaultServiceResolver(),
			AuthResolverWrapper:  webhook.NewDefaultAuthenticationInfoResolverWrapper(nil, nil, generic.LoopbackClientConfig, noop.NewTracerProvider()),
		},
	}, nil
}

// groupList answers GET /apis, which in a cluster the aggregator does: without it kubectl
// and other clients that discover would find nothing. It gets what no one else handles.
type groupList struct {
	crds listers.CustomResourceDefinitionLister
}

func (g *groupList) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if strings.TrimSuffix(req.URL.Path, "/") != "/apis" {
		http.NotFound(w, req)
		return
	}
	crds, err := g.crds.List(labels.Everything())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	versions := map[string]sets.Set[string]{apiextensions.GroupName: sets.New("v1")}
	for _, crd := range crds {
		for _, v := range crd.Spec.Versions {
			if v.Served && apihelpers.IsCRDConditionTrue(crd, apiextensions.Established) {
				if versions[crd.Spec.Group] == nil {
					versions[crd.Spec.Group] = sets.New[string]()
				}
				versions[crd.Spec.Group].Insert(v.Name)
			}
		}
	}
	list := metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}}
	for _, name := range slices.Sorted(maps.Keys(versions)) {
		group := metav1.APIGroup{Name: name}
		names := versions[name].UnsortedList()
		slices.SortFunc(names, func(a, b string) int { return version.CompareKubeAwareVersionStrings(b, a) })
		for _, v := range names {
			group.Versions = append(group.Versions, metav1.GroupVersionForDiscovery{GroupVersion: name + "/" + v, Version: v})
		}
		group.PreferredVersion = group.Versions[0]
		list.Groups = append(list.Groups, group)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(list)
}

// startEtcd runs a single member on two free loopback ports. Nothing needs to
// survive a power loss here, so it does not fsync: that is most of a write's cost.
func startEtcd(dir string) (*embed.Etcd, error) {
	c := embed.NewConfig()
	c.Name = "crdserver"
	c.Dir = dir
	c.LogLevel = "error"
	c.UnsafeNoFsync = true
	local := url.URL{Scheme: "http", Host: "127.0.0.1:0"}
	c.ListenClientUrls, c.AdvertiseClientUrls = []url.URL{local}, []url.URL{local}
	c.ListenPeerUrls, c.AdvertisePeerUrls = []url.URL{local}, []url.URL{local}
	c.InitialCluster = c.InitialClusterFromName(c.Name)
	e, err := embed.StartEtcd(c)
	if err != nil {
		return nil, err
	}
	select {
	case <-e.Server.ReadyNotify():
		return e, nil
	case err := <-e.Err():
		return nil, err
	case <-time.After(60 * time.Second):
		e.Close()
		return nil, fmt.Errorf("not ready after 60 s")
	}
}

// writeKubeconfig tells clients where the server is. The port file comes last
// and by rename: whoever sees it may read the kubeconfig.
// The token means nothing; kubectl asks for a user name where there is none.
func writeKubeconfig(dir string, port int) error {
	kubeconfig := fmt.Sprintf(`apiVersion: v1
kind: Config
clusters:
- {name: crdserver, cluster: {server: "https://127.0.0.1:%d", insecure-skip-tls-verify: true}}
users:
- {name: anyone, user: {token: anyone}}
contexts:
- {name: crdserver, context: {cluster: crdserver, user: anyone, namespace: default}}
current-context: crdserver
`, port)
	if err := os.WriteFile(filepath.Join(dir, "kubeconfig"), []byte(kubeconfig), 0o600); err != nil {
		return err
	}
	tmp := filepath.Join(dir, ".port")
	if err := os.WriteFile(tmp, []byte(fmt.Sprintln(port)), 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, filepath.Join(dir, "port"))
}
