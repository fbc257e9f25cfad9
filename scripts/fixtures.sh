#!/bin/sh
# Makes the speech clips again. Needs Debian's packages flite, sox and speex; the clips are in git, so nobody has to.
set -eu
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# say VOICE TEXT OUTPUT SOX-FORMAT...: 0.2 s of silence before the speech and 0.3 s after it
say () {
  voice=$1 text=$2 output=$3
  shift 3
  flite -voice "$voice" -t "$text" -o "$folder/raw.wav"
  sox -R "$folder/raw.wav" "$@" "$output" pad 0.2 0.3
}

say rms 'turn off the light please' models/starter/eng/example.wav -r 16000 -c 1 -b 16 -e signed-integer
say slt 'play the next music' test/fixtures/speech/play-the-next-music-44k1-stereo.wav -r 44100 -c 2 -b 16 -e signed-integer
say awb 'hello' test/fixtures/speech/hello-8k-mulaw.wav -r 8000 -c 1 -e mu-law
say slt 'hello' test/fixtures/speech/hello-16k.wav -r 16000 -c 1 -b 16 -e signed-integer
# The package has no encoder for Speex. Its serial number differs from run to run.
speexenc --quality 9 models/starter/eng/example.wav test/fixtures/speech/light-speex.ogg
