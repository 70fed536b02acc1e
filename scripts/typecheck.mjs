// Checks the types of every project in this repository; results of an earlier run for unchanged files are reused.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const tsc = path.join(import.meta.dirname, '../node_modules/typescript/bin/tsc');
for (const project of ['.', 'libs/web', 'test/browser']) {
  const cache = `node_modules/.cache/tsc/${project.replaceAll(/\W/g, '-')}.tsbuildinfo`;
  const options = ['--noEmit', '-p', project, '--incremental', '--tsBuildInfoFile', cache];
  const { status } = spawnSync(process.execPath, [tsc, ...options], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}
