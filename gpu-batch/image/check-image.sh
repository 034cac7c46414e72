#!/bin/sh
# usage: check-image.sh COMMAND ...
#
# COMMAND runs a program of the image, such as `docker run --rm IMAGE`. On a machine without a GPU: all
# libraries of the CUDA provider but the driver's are there, the worker is not root, and a model is
# refused on CUDA, never run on the CPU instead.
set -eu

fail() {
  echo "check-image: $*" >&2
  exit 1
}

[ "$("$@" node --print 'process.getuid()')" != 0 ] || fail 'the worker is root'

folder=node_modules/onnxruntime-node/bin/napi-v6/linux/x64
"$@" test -f "$folder/libonnxruntime_providers_cuda.so" || fail 'there is no CUDA provider in it'
missing=$("$@" ldd "$folder/libonnxruntime_providers_cuda.so" | sed -n 's/^[[:space:]]*\([^ ]*\) => not found$/\1/p' | sort -u)
[ "$missing" = libcuda.so.1 ] || [ -z "$missing" ] || fail "the CUDA provider misses $missing"

answer=$("$@" node --input-type=module --eval "
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
const manifest = JSON.parse(readFileSync('models/sst2-minilm/switchyard.json', 'utf8'));
const { sha256 } = manifest.variants.find(({ name }) => name === 'gpu-fp16');
const child = fork('./session-child.mjs', { execArgv: [], serialization: 'advanced', stdio: ['ignore', 2, 2, 'ipc'] });
child.on('message', (reply) => {
  console.log(reply.kind, reply.code ?? '');
  child.disconnect();
});
child.send({ kind: 'open', modelFolders: ['models'], model: manifest.name, variant: 'gpu-fp16', sha256, provider: 'cuda' });
")
case $answer in
  'refused provider_unavailable') echo 'check-image: no GPU here: CUDA is refused, as it should be' ;;
  'opened '*) echo 'check-image: a GPU is here, and the model answers on it' ;;
  *) fail "instead of refusing CUDA the worker said: $answer" ;;
esac
