import { rmSync } from 'node:fs';

export default async function globalTeardown() {
  await globalThis.testEngine?.engine.stop(); // if the specs ran in this process
  // The workers are gone, and their engines go now.
  rmSync(process.env.TEST_ENGINES, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
}
