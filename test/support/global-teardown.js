import { rmSync } from 'node:fs';

export default async function globalTeardown() {
  if (!globalThis.testEngine) return;
  const { engine, directory } = globalThis.testEngine;
  await engine.stop();
  rmSync(directory, { recursive: true, force: true });
}
