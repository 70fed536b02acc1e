import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import yaml from 'yaml';
import { SYMPTOMS } from '../../src/health/diagnosis/symptoms.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { freePort } from '../support/server-process.js';
import { tool } from '../support/tools.js';
import { until } from '../support/until.js';

const run = promisify(execFile);
const FOLDER = fileURLToPath(new URL('../../deploy/monitoring/', import.meta.url));
const file = (name: string): string => path.join(FOLDER, name);
const PATIENCE_MS = 60_000;

interface Rule {
  alert: string;
  expr: string;
  annotations: { summary: string; symptom: string };
}

async function rules(): Promise<Rule[]> {
  const { groups } = yaml.parse(await readFile(file('alerts.yml'), 'utf8')) as {
    groups: { rules: Rule[] }[];
  };
  return groups.flatMap((group) => group.rules);
}

/** The questions of the dashboard, as Grafana would ask them. */
async function panels(): Promise<{ title: string; expr: string }[]> {
  const dashboard = JSON.parse(await readFile(file('grafana-dashboard.json'), 'utf8')) as {
    panels: { title: string; targets: { expr: string }[] }[];
  };
  return dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({
      title,
      expr: expr.replaceAll('$__rate_interval', '1m').replaceAll('$job', '.*'),
    })),
  );
}

/** Names of metrics in an expression, without the suffixes of histograms. */
function metricsIn(expr: string): string[] {
  const plain = expr.replace(/\{[^}]*\}|\[[^\]]*\]|"[^"]*"|\b(by|on|without) *\([^)]*\)/g, ' ');
  const names = plain.match(/\b[a-z][a-z0-9]*_[a-z0-9_]+\b/g) ?? [];
  const functions = new Set(['histogram_quantile', 'min_over_time']);
  return names.filter((name) => !functions.has(name)).map((name) => name.replace(/_(bucket|sum|count)$/, ''));
}

describe('the rules for Prometheus', () => {
  it('are valid, and say what their tests expect', async () => {
    const promtool = tool('promtool');
    await run(promtool, ['check', 'rules', file('alerts.yml')]);
    await run(promtool, ['check', 'config', file('prometheus.yml')]);
    await run(promtool, ['test', 'rules', file('alerts.test.yml')], { cwd: FOLDER });
  });

  it('name symptoms that the server can look into', async () => {
    for (const { alert, annotations } of await rules())
      expect([alert, Object.keys(SYMPTOMS)]).toEqual([alert, expect.arrayContaining([annotations.symptom])]);
  });
});

describe('a real Prometheus that scrapes a real server', () => {
  let app: TestApp;
  let folder: string;
  let prometheus: ChildProcess;
  let url: string;

  beforeAll(async () => {
    app = await startTestApp();
    const client = new Client(app.url);
    await client.ended(await client.send(await client.newChat(), 'Who are you?'));
    folder = await mkdtemp(path.join(os.tmpdir(), 'prometheus-'));
    const config = yaml.parse(await readFile(file('prometheus.yml'), 'utf8'));
    config.global.scrape_interval = '1s';
    config.global.evaluation_interval = '1s';
    config.rule_files = [file('alerts.yml')];
    config.scrape_configs[0].static_configs[0].targets = [new URL(app.url).host];
    await writeFile(path.join(folder, 'prometheus.yml'), yaml.stringify(config));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    prometheus = spawn(
      tool('prometheus'),
      [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=error',
      ],
      { cwd: folder, stdio: 'ignore' },
    );
    await until('it has scraped', async () => (await query('up{job="reprise"} == 1')).length > 0);
  }, PATIENCE_MS);

  afterAll(async () => {
    prometheus.kill('SIGKILL');
    if (prometheus.exitCode === null && prometheus.signalCode === null) await once(prometheus, 'exit');
    await rm(folder, { recursive: true });
    await app.destroy();
  }, PATIENCE_MS);

  async function get(path: string): Promise<any> {
    const response = await fetch(url + path).catch(() => undefined);
    return response?.ok ? ((await response.json()) as { data: unknown }).data : undefined;
  }
  const query = async (expr: string): Promise<unknown[]> =>
    (await get(`/api/v1/query?query=${encodeURIComponent(expr)}`))?.result ?? [];

  it('understands every metric of the server, and has no series with a label that is an id', async () => {
    const names: string[] = await get('/api/v1/label/__name__/values');
    expect(names).toContain('reprise_runs_total');
    const series: Record<string, string>[] = await get('/api/v1/series?match[]={job="reprise"}');
    for (const labels of series)
      for (const value of Object.values(labels)) expect(value).not.toMatch(/[0-9a-f]{24}|[0-9a-f-]{36}/);
  });

  it('finds every metric of dashboard and rules on the server', async () => {
    const known = Object.keys(await get('/api/v1/metadata'));
    const asked = [
      ...(await panels()),
      ...(await rules()).map(({ alert, expr }) => ({ title: alert, expr })),
    ];
    for (const { title, expr } of asked) {
      const names = metricsIn(expr).filter((name) => name !== 'up');
      if (!expr.startsWith('up')) expect([title, names.length]).not.toEqual([title, 0]);
      expect([title, names.filter((name) => !known.includes(name))]).toEqual([title, []]);
    }
  });

  it('answers every question of the dashboard', async () => {
    for (const { title, expr } of await panels())
      expect([title, await get(`/api/v1/query?query=${encodeURIComponent(expr)}`)]).toEqual([
        title,
        expect.objectContaining({ resultType: 'vector' }),
      ]);
    expect(await query('sum(reprise_active_runs{job=~".*"})')).toHaveLength(1);
  });

  it('evaluates every rule', async () => {
    const health = async (): Promise<string[]> => {
      const { groups } = await get('/api/v1/rules');
      return groups.flatMap((group: any) => group.rules.map((rule: any) => `${rule.name} ${rule.health}`));
    };
    const names = (await rules()).map(({ alert }) => alert);
    await until('all are evaluated', async () => (await health()).every((one) => !one.endsWith('unknown')));
    expect(await health()).toEqual(names.map((name) => `${name} ok`));
  });
});
