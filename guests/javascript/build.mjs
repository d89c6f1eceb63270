// Makes a component of a `fetch` handler: node build.mjs hello.js hello.wasm
import { writeFile } from 'node:fs/promises';

import { componentize } from '@bytecodealliance/componentize-js';

const [source, target] = process.argv.slice(2);
const { component } = await componentize({
  sourcePath: source,
  witPath: 'world.wit',
  worldName: 'fetch-handler',
});
await writeFile(target, component);
