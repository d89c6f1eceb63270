// Starts the console. A file of its own, since the content security policy allows no inline script.
import init from '{{console.js}}';

await init({ module_or_path: '{{console.wasm}}' });
