# Each target is a thin shell around what an npm script does, so that `npm run …` does the same where there is no make.
# What stays runs as make's own child: make passes on SIGTERM to that, and npm or a shell between them would keep it to themselves. Other
# signals to make alone it does not pass on; those of a terminal (Ctrl-C) go to the whole group.
# Options go in ARGS:  make run ARGS="--camera front=/dev/video0"

.PHONY: all run mapper recorder server test check bench lab clean

all: node_modules/.installed
	npm run build

run: node_modules/.installed
	@exec node scripts/start.mjs $(ARGS)

mapper recorder server: node_modules/.installed
	@exec node scripts/start.mjs $@ $(ARGS)

test: node_modules/.installed
	npm test

check: node_modules/.installed
	npm run check

bench: node_modules/.installed
	npm run bench -- $(ARGS)

lab: node_modules/.installed
	@npm run --silent lab -- $(ARGS)

clean:
	npm run clean

node_modules/.installed: package.json package-lock.json
	@node scripts/install.mjs
