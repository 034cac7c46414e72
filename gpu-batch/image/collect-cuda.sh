#!/bin/sh
# usage: collect-cuda.sh WHEELS OUT PACKAGE_JSON
#
# Takes ONNX Runtime's CUDA provider and the CUDA libraries that it is linked to out of the wheels in
# WHEELS and puts them into OUT. Refuses where the provider is not of the version of onnxruntime-node
# that PACKAGE_JSON names, is linked to another CUDA major than the libraries are of, or needs a library
# that is neither there nor on every Linux. The driver's own library comes from the host.
set -eu

wheels=$1 out=$2 package_json=$3
cuda_major=13

fail() {
  echo "collect-cuda: $*" >&2
  exit 1
}

version=$(sed -n 's/.*"onnxruntime-node": *"\([0-9.]*\)".*/\1/p' "$package_json")
[ -n "$version" ] || fail "$package_json pins no exact onnxruntime-node"
set -- "$wheels"/onnxruntime_gpu-"$version"-*.whl
[ -f "$1" ] || fail "no wheel of onnxruntime-gpu $version, the version of onnxruntime-node: change cuda-wheels.txt"

unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
for wheel in "$wheels"/*.whl; do
  python3 -m zipfile -e "$wheel" "$unpacked"
done

mkdir -p "$out"
for name in cuda shared; do
  cp "$unpacked/onnxruntime/capi/libonnxruntime_providers_$name.so" "$out/"
done
for name in libcudart libcublas libcublasLt libcurand; do
  found=$(find "$unpacked/nvidia" -name "$name.so.*" -type f)
  [ -n "$found" ] || fail "no $name in the wheels: add its package to cuda-wheels.txt"
  cp "$found" "$out/"
done

needed() {
  readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p'
}

provider=$out/libonnxruntime_providers_cuda.so
linked=$(needed "$provider" | sed -n 's/^libcudart\.so\.//p')
[ "$linked" = "$cuda_major" ] ||
  fail "the provider is linked to CUDA ${linked:-none}, the libraries are of CUDA $cuda_major"

for file in "$out"/*.so*; do
  for library in $(needed "$file"); do
    case $library in
      libc.so.* | libm.so.* | libdl.so.* | librt.so.* | libpthread.so.*) ;;
      libgcc_s.so.* | libstdc++.so.* | ld-linux-*) ;;
      libcuda.so.1) ;; # the driver's
      *) [ -e "$out/$library" ] || fail "${file##*/} needs $library: add its package to cuda-wheels.txt" ;;
    esac
  done
done
chmod 0644 "$out"/*
echo "collect-cuda: onnxruntime $version on CUDA $linked, $(du -sm "$out" | cut -f1) MB"
