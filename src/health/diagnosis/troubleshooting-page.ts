import { CHECKS, type Cause, type CheckEntry } from './checks.js';
import { SYMPTOMS, type Symptom } from './symptoms.js';

/** The text of docs/troubleshooting.md: the same table that the server works with. */
export function troubleshootingPage(): string {
  const symptoms = Object.entries<Symptom>(SYMPTOMS).map(([name, symptom]) => sectionOf(name, symptom));
  const checks = Object.entries<CheckEntry>(CHECKS).map(([name, check]) => checkOf(name, check));
  return [
    '# Troubleshooting',
    'Ask the server: it looks now, and says what it finds, why that is so, and what to do.',
    "```bash\ncurl 'http://127.0.0.1:8000/health/diagnose?symptom=streams_stop'\n```",
    'Without `symptom` it makes every check. Words work, too (`?symptom=high latency`); for an unknown symptom it ' +
      'answers 400 with the list. The answer contains no secrets and no text of users. This page is generated from the ' +
      'same table by `npm run troubleshooting-page`.',
    '## Symptoms',
    ...symptoms,
    '## Checks',
    ...checks,
  ].join('\n\n');
}

function sectionOf(name: string, { title, also, checks }: Symptom): string {
  const links = checks.map((check) => `[${check}](#${check})`);
  return `### ${title}\n\n\`${name}\`; also: ${also.join(', ')}. Checks: ${links.join(', ')}.`;
}

function checkOf(name: string, { looks, causes }: CheckEntry): string {
  const rows = Object.entries<Cause>(causes).map(
    ([code, { cause, cure }]) => `| \`${code}\` | ${cause} | ${cure} |`,
  );
  return `### ${name}\n\n${looks}\n\n| Code | Cause | Cure |\n| --- | --- | --- |\n${rows.join('\n')}`;
}
