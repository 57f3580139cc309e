#!/usr/bin/env node
void require('../lib/src/command/command.js').main(process.argv);
