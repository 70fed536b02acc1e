import type { Settings } from '../../config/index.js';

/** Where spans are sent. */
export interface TraceTarget {
  url: string;
  headers: Record<string, string>;
}

/** The targets that are configured: a collector, LangSmith, both, or none. */
export function traceTargets(settings: Settings): TraceTarget[] {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: exact } = settings;
  const { LANGSMITH_API_KEY: key, LANGSMITH_ENDPOINT, LANGSMITH_PROJECT } = settings;
  const url = exact ?? (base === undefined ? undefined : under(base, 'v1/traces'));
  return [
    ...(url === undefined ? [] : [{ url, headers: settings.OTEL_EXPORTER_OTLP_HEADERS }]),
    ...(key === undefined
      ? []
      : [
          {
            url: under(LANGSMITH_ENDPOINT, 'otel/v1/traces'),
            headers: { 'x-api-key': key, 'Langsmith-Project': LANGSMITH_PROJECT },
          },
        ]),
  ];
}

function under(base: string, path: string): string {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path}`;
  return url.href;
}
