#!/usr/bin/env node
void require('../lib/cutover.js').main(process.argv);
