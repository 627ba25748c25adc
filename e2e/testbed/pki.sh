# shellcheck shell=bash
# Certificates and kubeconfigs of a bed. To be sourced after lib.sh.

ca() { # NAME SUBJECT
  openssl ecparam -name prime256v1 -genkey -noout -out "$PKI/$1.key"
  openssl req -x509 -new -key "$PKI/$1.key" -days 30 -subj "$2" -out "$PKI/$1.crt" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
}

certificate() { # CA NAME SUBJECT USAGES [NAMES]
  local extensions="extendedKeyUsage=$4"
  [ -z "${5:-}" ] || extensions+=$'\n'"subjectAltName=$5"
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -subj "$3" -keyout "$PKI/$2.key" 2>/dev/null |
    openssl x509 -req -CA "$PKI/$1.crt" -CAkey "$PKI/$1.key" -set_serial "0x$(openssl rand -hex 16)" -days 30 \
      -extfile <(printf '%s\nkeyUsage=critical,digitalSignature\n' "$extensions") -out "$PKI/$2.crt" 2>/dev/null
}

kubeconfig() { # CERTIFICATE SERVER FILE
  local name=lodge-$BED_NAME
  (
    umask 077
    cat >"$3" <<END
apiVersion: v1
kind: Config
clusters: [{name: $name, cluster: {server: "$2", certificate-authority-data: $(base64 -w0 "$PKI/ca.crt")}}]
users: [{name: $1, user: {client-certificate-data: $(base64 -w0 "$PKI/$1.crt"), client-key-data: $(base64 -w0 "$PKI/$1.key")}}]
contexts: [{name: $name, context: {cluster: $name, user: $1}}]
current-context: $name
END
  )
}

control_plane_certificates() {
  local net
  net=$(subnet)
  install -d -m 700 "$PKI"
  ca ca /CN=lodge-e2e-ca
  ca proxy-ca /CN=lodge-e2e-proxy-ca
  certificate ca apiserver /CN=kube-apiserver serverAuth \
    "IP:127.0.0.1,IP:$net.0.1,IP:$net.128.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local"
  certificate ca admin /O=system:masters/CN=admin clientAuth
  certificate ca kube-scheduler /CN=system:kube-scheduler clientAuth
  certificate ca kube-controller-manager /CN=system:kube-controller-manager clientAuth
  certificate ca kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client clientAuth
  certificate proxy-ca proxy-client /CN=front-proxy-client clientAuth
  openssl genrsa -out "$PKI/sa.key" 2048 2>/dev/null
  openssl rsa -in "$PKI/sa.key" -pubout -out "$PKI/sa.pub" 2>/dev/null
  kubeconfig admin "$(api_url)" "$STATE/kubeconfig"
  for component in kube-scheduler kube-controller-manager; do
    kubeconfig $component https://127.0.0.1:443 "$PKI/$component.kubeconfig"
  done
}

node_certificate() { # NAME [KUBERNETES_NAME]
  certificate ca "$1" "/O=system:nodes/CN=system:node:${2:-$1}" serverAuth,clientAuth "IP:$(node_ip "$1"),DNS:$1"
  kubeconfig "$1" "$(api_url)" "$PKI/$1.kubeconfig"
}
