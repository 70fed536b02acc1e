import type { ReactElement } from 'react';
import { useAdminHealth, type AdminHealth } from '../api/admin.js';
import { formatMs, plural } from '../ui/format.js';
import { Found } from './table.js';
import { words } from './words.js';
import classes from './admin.module.css';

const STATES: Record<string, string> = {
  ok: 'Everything is well.',
  warn: 'Something needs attention.',
  fail: 'Something is wrong.',
  unknown: 'Something could not be looked up.',
};

/** What a diagnosis finds, and what is being worked on. */
export function HealthSection(): ReactElement {
  return (
    <Found query={useAdminHealth()} isEmpty={() => false}>
      {(health) => (
        <>
          <p className={classes.lead}>
            <span className={classes.status} data-status={health.status}>
              {health.status}
            </span>{' '}
            {STATES[health.status]}
          </p>
          <Facts health={health} />
          <Findings findings={health.findings} />
        </>
      )}
    </Found>
  );
}

function Facts({ health: { runs, engine, version } }: { health: AdminHealth }): ReactElement {
  const engineName = engine.kind === 'embedded' ? 'Embedded MongoDB' : 'MongoDB';
  const waited = runs.pending > 0 ? `, the oldest for ${formatMs(runs.oldest_pending_ms)}` : '';
  const facts: [string, string][] = [
    ['Waiting for a worker', plural(runs.pending, 'run') + waited],
    ['Being worked on', plural(runs.processing, 'run')],
    ['Waiting for a decision', plural(runs.waiting, 'run')],
    [
      'Workers',
      runs.workers
        .map(({ name, runs: count, late }) => `${name}: ${plural(count, 'run')}${late ? ' (late)' : ''}`)
        .join('; ') || 'none at work',
    ],
    ['Version', version],
    ['Database', [engineName, engine.version].filter(Boolean).join(' ')],
  ];
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Findings({ findings }: { findings: AdminHealth['findings'] }): ReactElement {
  return (
    <ul className={classes.findings} aria-label="Findings">
      {findings.map(({ check, status, found, cause, cure }) => (
        <li key={check}>
          <h3>
            <span className={classes.status} data-status={status}>
              {status}
            </span>
            {words(check)}
          </h3>
          <p>{found}</p>
          {cause !== undefined && <p>{cause}</p>}
          {cure !== undefined && <p className={classes.cure}>{cure}</p>}
        </li>
      ))}
    </ul>
  );
}
