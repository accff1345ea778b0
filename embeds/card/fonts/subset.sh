#!/bin/sh
# Makes the two fonts beside this file from the full Inter 4.1 webfonts (npm
# package inter-ui 4.1.1, folder web/), with pyftsubset of fonttools:
#
#	./subset.sh path/to/inter-ui/web
set -eu
from=$1
here=$(dirname "$0")
# Latin, IPA, Greek, Cyrillic, Latin Extended Additional, Greek Extended,
# punctuation, superscripts, currencies, letterlike, numerals, arrows,
# mathematics, geometric shapes and the few symbols that Inter has.
unicodes=U+0020-007E,U+00A0-02AF,U+02B0-02FF,U+0370-052F,U+1D00-1D7F,U+1E00-1FFF
unicodes=$unicodes,U+2010-2027,U+2030-205E,U+2070-20CF,U+2100-218F,U+2190-22FF
unicodes=$unicodes,U+25A0-25FF,U+2605-2606,U+2660-266F,U+2713-2717,U+2764
for weight in Regular SemiBold; do
	pyftsubset "$from/Inter-$weight.woff2" --output-file="$here/Inter-$weight.ttf" \
		--unicodes="$unicodes" --layout-features=kern --no-hinting --no-glyph-names \
		--name-IDs=0,1,2,5,13,14 --drop-tables+=GSUB,GDEF
done
