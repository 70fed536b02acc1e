import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { load, loadAll } from 'js-yaml';
import { Deployment } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { ConfigMap, Secret, Service } from 'kubernetes-models/v1';
import { loadSettings, settingsSchema } from '../../src/platform/config/index.js';
import { tool } from '../support/tools.js';

const run = promisify(execFile);

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const K8S = `${ROOT}deploy/k8s/`;

/** Kind → its schema, out of a package: nothing is fetched. */
const KINDS: Record<string, new (object: any) => { validate(): void }> = {
  'apps/v1/Deployment': Deployment,
  'autoscaling/v2/HorizontalPodAutoscaler': HorizontalPodAutoscaler,
  'policy/v1/PodDisruptionBudget': PodDisruptionBudget,
  'v1/ConfigMap': ConfigMap,
  'v1/Secret': Secret,
  'v1/Service': Service,
};

const files = readdirSync(K8S).filter((name) => name.endsWith('.yaml'));
const objects = files.flatMap((file) =>
  (loadAll(readFileSync(K8S + file, 'utf8')) as any[]).map((object) => ({ file, object })),
);
const of = (kind: string): any[] =>
  objects.map(({ object }) => object).filter((object) => object.kind === kind);
const settingsOf = (names: object): string[] => Object.keys(names);

describe('deploy/k8s', () => {
  it.each(objects.map(({ file, object }) => [`${file}: ${object.kind} ${object.metadata.name}`, object]))(
    '%s is what Kubernetes takes',
    (_title, object) => {
      const Kind = KINDS[`${object.apiVersion}/${object.kind}`]!;
      expect(Kind).toBeDefined();
      new Kind(object).validate();
      expect(object.metadata.namespace).toBeUndefined();
    },
  );

  it('the check notices what is wrong', () => {
    const [deployment] = of('Deployment');
    const broken = structuredClone(deployment);
    broken.spec.template.spec.containers[0].ports[0].containerPort = 'http';
    expect(() => {
      new Deployment(broken).validate();
    }).toThrow('containerPort must be integer');
  });

  it('every selector finds its pods, every autoscaler its deployment', () => {
    const deployments = new Map(of('Deployment').map((object) => [object.metadata.name, object]));
    for (const { spec } of deployments.values())
      expect(spec.template.metadata.labels).toEqual(spec.selector.matchLabels);
    for (const budget of of('PodDisruptionBudget'))
      expect(budget.spec.selector).toEqual(deployments.get(budget.metadata.name)?.spec.selector);
    const api = deployments.get('reprise-api')!;
    expect(of('Service').map(({ spec }) => spec.selector)).toEqual([api.spec.selector.matchLabels]);
    expect(
      of('HorizontalPodAutoscaler')
        .map(({ spec }) => spec.scaleTargetRef.name)
        .sort(),
    ).toEqual(['reprise-api', 'reprise-worker']);
  });

  it('pods have time to shut down, and no rights they do not need', () => {
    const grace = loadSettings(of('ConfigMap')[0].data).SHUTDOWN_GRACE_MS / 1000;
    for (const { spec } of of('Deployment')) {
      const pod = spec.template.spec;
      const [container] = pod.containers;
      const preStop = Number(container.lifecycle.preStop.exec.command[1]);
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(preStop + grace + 5);
      expect(pod.securityContext.runAsNonRoot).toBe(true);
      expect(container.securityContext).toMatchObject({
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
      });
      expect(container.livenessProbe.httpGet.path).toBe('/health/live');
      expect(container.readinessProbe.httpGet.path).toBe('/health/ready');
      const written = new Set(container.volumeMounts.map((mount: any) => mount.mountPath));
      expect(written).toContain(of('ConfigMap')[0].data.DATA_DIR);
    }
  });

  it('every setting exists', () => {
    const known = settingsOf(settingsSchema.shape);
    const used = [
      ...settingsOf(of('ConfigMap')[0].data),
      ...settingsOf(of('Secret')[0].stringData),
      ...of('Deployment').flatMap(({ spec }) =>
        spec.template.spec.containers[0].env.map(({ name }: { name: string }) => name),
      ),
    ].filter((name) => name !== 'NODE_OPTIONS');
    for (const name of used) expect(known).toContain(name);
  });

  it("the workers' autoscaler uses a metric that exists", () => {
    const metrics = of('HorizontalPodAutoscaler').flatMap(({ spec }) => spec.metrics);
    const { name } = metrics.find(({ type }) => type === 'External').external.metric;
    expect(readFileSync(`${ROOT}src/health/runtime-metrics.ts`, 'utf8')).toContain(`'${String(name)}'`);
  });
});

describe('deploy/nginx', () => {
  const NGINX = `${ROOT}deploy/nginx/`;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'reprise-nginx-t-'));
    for (const file of readdirSync(NGINX)) await copyFile(NGINX + file, path.join(folder, file));
    // The api processes of Compose have no name here.
    await writeFile(path.join(folder, 'upstream.conf'), 'server 127.0.0.1:8000;\n');
    const certificate = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '1',
      '-subj',
      '/CN=localhost',
    ];
    const out = ['-keyout', path.join(folder, 'a.key'), '-out', path.join(folder, 'a.crt')];
    await run('openssl', [...certificate, ...out]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** What this machine's nginx says about the whole configuration. */
  async function check(listen?: string): Promise<{ isValid: boolean; said: string }> {
    if (listen !== undefined) await writeFile(path.join(folder, 'listen.conf'), listen);
    const flags = ['-t', '-p', folder, '-e', 'stderr', '-c', path.join(folder, 'reprise.conf')];
    return run(tool('nginx'), flags).then(
      ({ stderr }) => ({ isValid: true, said: stderr }),
      (error: unknown) => ({ isValid: false, said: (error as { stderr: string }).stderr }),
    );
  }

  /** nginx knows `http2 on;` from 1.25.1. */
  async function knowsHttp2Directive(): Promise<boolean> {
    const { stderr } = await run(tool('nginx'), ['-v']);
    const [major = 0, minor = 0, patch = 0] = (/(\d+)\.(\d+)\.(\d+)/.exec(stderr)?.slice(1) ?? []).map(
      Number,
    );
    return major * 1e6 + minor * 1e3 + patch >= 1_025_001;
  }

  const listenFile = readFileSync(`${NGINX}listen.conf`, 'utf8');
  const [older, newer] = [...listenFile.matchAll(/^#\s+(listen 443 .*)$/gm)].map(([, line]) => line!);
  const withTls = (line: string): string =>
    `${line.replace('443', '127.0.0.1:8443')}\nssl_certificate a.crt; ssl_certificate_key a.key;\n`;

  it('is accepted by nginx unchanged', async () => {
    const { isValid, said } = await check();
    expect(said).toContain('syntax is ok');
    expect(isValid).toBe(true);
  });

  it('names a line for HTTP/2 that every nginx accepts, and one for newer versions', async () => {
    expect(older).toBe('listen 443 ssl http2;');
    expect(await check(withTls(older!))).toMatchObject({ isValid: true });
    expect(newer).toBe('listen 443 ssl; http2 on;');
    expect((await check(withTls(newer!))).isValid).toBe(await knowsHttp2Directive());
  });
});

describe('docker-compose.yml', () => {
  const { services, volumes } = load(readFileSync(`${ROOT}docker-compose.yml`, 'utf8')) as any;
  const scaled = (role: string): string[] =>
    Object.keys(services).filter((name) => services[name].environment?.ROLE === role);

  it('has two api processes and two workers behind nginx in the profile "scale"', () => {
    expect(scaled('api')).toEqual(['api-1', 'api-2']);
    expect(scaled('worker')).toEqual(['worker-1', 'worker-2']);
    for (const name of [...scaled('api'), ...scaled('worker'), 'redis', 'nginx'])
      expect(services[name].profiles).toEqual(['scale']);
    for (const name of ['mongo', 'app']) expect(services[name].profiles).toBeUndefined();
    const upstream = readFileSync(`${ROOT}deploy/nginx/upstream.conf`, 'utf8');
    expect([...upstream.matchAll(/^server ([\w-]+):8000 /gm)].map(([, name]) => name)).toEqual(scaled('api'));
  });

  it('names only services, volumes, files and settings that exist', () => {
    for (const service of Object.values<any>(services)) {
      for (const other of Object.keys(service.depends_on ?? {})) expect(services).toHaveProperty(other);
      for (const name of Object.keys(service.environment ?? {}))
        expect(settingsOf(settingsSchema.shape)).toContain(name);
      for (const volume of service.volumes ?? []) {
        const [source] = (volume as string).split(':');
        if (source?.startsWith('./')) expect(existsSync(ROOT + source)).toBe(true);
        else expect(Object.keys(volumes)).toContain(source);
      }
    }
  });
});
