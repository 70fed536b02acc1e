import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PACKAGES = ['protocol', 'client', 'react'];

/** A user's project: its own settings, stricter about libraries than ours. */
const PROJECT = {
  'package.json': JSON.stringify({ name: 'stranger', private: true, type: 'module' }),
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      target: 'ES2022',
      lib: ['ES2022', 'DOM', 'DOM.Iterable'],
      module: 'nodenext',
      jsx: 'react-jsx',
      strict: true,
      noUnusedLocals: true,
      skipLibCheck: false,
      noEmit: true,
      types: [],
    },
    include: ['*.tsx'],
  }),
  'page.tsx': `
    import { RepriseClient, initialState, reduce, type StreamState } from '@reprise/client';
    import { RepriseProvider, useRun } from '@reprise/react';
    import { parseEvent } from '@reprise/protocol';

    const client = new RepriseClient({ baseUrl: 'http://127.0.0.1:8000' });
    export async function ask(chatId: string): Promise<StreamState> {
      const run = await client.send({ chatId, content: 'Hello' });
      let state: StreamState = initialState;
      for await (const event of client.follow(run)) state = reduce(state, event);
      return state;
    }
    // @ts-expect-error a chat has no such option
    void client.createChat({ user: 1 });
    function Answer({ id }: { id: string }) {
      const { state, cancel } = useRun(id);
      return <p onClick={() => void cancel()}>{state.content}</p>;
    }
    export const App = () => <RepriseProvider client={client}><Answer id="a" /></RepriseProvider>;
    export const parse: unknown = parseEvent;
  `,
  'use.mjs': `
    import { RepriseClient, initialState } from '@reprise/client';
    import { RepriseProvider } from '@reprise/react';
    console.log(typeof new RepriseClient({ baseUrl: 'http://127.0.0.1:8000' }).follow, initialState.content === '', typeof RepriseProvider);
  `,
};

describe('the packages for front ends', () => {
  let folder: string;
  let project: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'reprise-packages-'));
    project = path.join(folder, 'project');
    await copyWorkspace(path.join(folder, 'workspace'));
    const pack = PACKAGES.flatMap((name) => ['-w', `libs/${name}`]);
    await run('npm', ['pack', '--silent', ...pack, '--pack-destination', folder], {
      cwd: path.join(folder, 'workspace'),
    });
    await installInto(project, folder);
    for (const [name, text] of Object.entries(PROJECT)) await writeFile(path.join(project, name), text);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('have types that work in a project with other settings', async () => {
    const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
    const { stdout } = await run(process.execPath, [tsc, '-p', project]).catch(
      (error: unknown) => error as { stdout: string },
    );
    expect(stdout).toBe('');
  });

  it("have the names in the README's install command", async () => {
    const readme = await readFile(path.join(ROOT, 'README.md'), 'utf8');
    const told = /^npm install (\.\/reprise-.*)$/m.exec(readme)?.[1]?.split(' ') ?? [];
    const packed = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
    expect(told.map((name) => path.basename(name)).sort()).toEqual(packed.sort());
  });

  it('run without this repository', async () => {
    const { stdout } = await run(process.execPath, ['use.mjs'], { cwd: project });
    expect(stdout.trim()).toBe('function true function');
  });
});

/** Only the packages' sources: packing builds, and other tests use what is built here. */
async function copyWorkspace(to: string): Promise<void> {
  const modules = path.join(to, 'node_modules');
  await mkdir(path.join(modules, '@reprise'), { recursive: true });
  for (const name of await readdir(path.join(ROOT, 'node_modules')))
    if (name !== '@reprise') await symlink(path.join(ROOT, 'node_modules', name), path.join(modules, name));
  for (const name of PACKAGES) {
    const filter = (file: string): boolean => !/\/(dist|node_modules)$/.test(file);
    await cp(path.join(ROOT, 'libs', name), path.join(to, 'libs', name), { recursive: true, filter });
    await symlink(path.join(to, 'libs', name), path.join(modules, '@reprise', name));
  }
  for (const name of ['.swcrc', 'tsconfig.json']) await cp(path.join(ROOT, name), path.join(to, name));
  const workspaces = PACKAGES.map((name) => `libs/${name}`);
  await writeFile(path.join(to, 'package.json'), JSON.stringify({ private: true, workspaces }));
}

/** Like `npm install` of the packed files, with the dependencies that are here already. */
async function installInto(project: string, packed: string): Promise<void> {
  const modules = path.join(project, 'node_modules');
  const files = await readdir(packed);
  for (const name of PACKAGES) {
    const to = path.join(modules, '@reprise', name);
    await mkdir(to, { recursive: true });
    const file = files.find((one) => one.startsWith(`reprise-${name}-`)) ?? '';
    await run('tar', ['-xzf', path.join(packed, file), '-C', to, '--strip-components=1']);
  }
  await mkdir(path.join(modules, '@types'));
  for (const name of ['zod', 'react', '@types/react', 'csstype'])
    await symlink(path.join(ROOT, 'node_modules', name), path.join(modules, name));
}
