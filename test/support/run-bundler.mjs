// Bundles one module with all that it imports and prints it as JSON. A process of its own: the bundler's native part
// does not work in the virtual machine that specs run in.
import { build } from 'vite';

const [entry] = process.argv.slice(2);
const { output } = await build({
  configFile: false,
  logLevel: 'silent',
  resolve: { conditions: ['reprise-source'] },
  define: { 'process.env.NODE_ENV': '"development"' },
  build: {
    write: false,
    minify: true,
    rolldownOptions: { input: entry, preserveEntrySignatures: 'strict', output: { format: 'es' } },
  },
});
const { code, imports, exports } = output[0];
process.stdout.write(JSON.stringify({ code, imports, exports }));
