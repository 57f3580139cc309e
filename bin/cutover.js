#!/usr/bin/env node
require('../lib/cutover.js').main(process.argv);
