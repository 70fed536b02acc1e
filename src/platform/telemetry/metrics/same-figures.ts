import { Counter, Gauge, Histogram, type Metric, type Registry } from 'prom-client';

/** Labels of one time series; prom-client knows numbers, too. */
export type LabelValues = Partial<Record<string, string | number>>;

/** Another name for figures that exist already. */
export interface Renaming {
  name: string;
  help: string;
  /** The labels under the other name. Series that get the same ones are added up. */
  relabel?: (labels: LabelValues) => LabelValues;
  /** Factor for values and bucket bounds: another unit. Default: 1. */
  factor?: number;
}

interface Value {
  labels: LabelValues;
  value: number;
  /** Of a histogram's parts: `…_bucket`, `…_sum`, `…_count`. */
  metricName?: string;
}

// Dashboards of other systems expect certain names. Counting everything twice would cost each event something; these
// copy the figures when they are read.

/** A counter under another name. */
export function sameCounter(registry: Registry, source: Metric, as: Renaming): void {
  class Same extends Counter {
    override async get() {
      return { ...(await super.get()), values: await renamed(source, as) };
    }
  }
  new Same({ name: as.name, help: as.help, registers: [registry] });
}

/** A gauge under another name. */
export function sameGauge(registry: Registry, source: Metric, as: Renaming): void {
  class Same extends Gauge {
    override async get() {
      return { ...(await super.get()), values: await renamed(source, as) };
    }
  }
  new Same({ name: as.name, help: as.help, registers: [registry] });
}

/** A histogram under another name. */
export function sameHistogram(registry: Registry, source: Metric, as: Renaming): void {
  class Same extends Histogram {
    override async get() {
      const values = await renamed(source, as);
      return { name: as.name, help: as.help, type: 'histogram', aggregator: 'sum', values } as never;
    }

    /** What the registry asks for instead, if there is such a method. */
    getForPromString() {
      return this.get();
    }
  }
  new Same({ name: as.name, help: as.help, registers: [registry] });
}

async function renamed(
  source: Metric,
  { name, relabel = (labels) => labels, factor = 1 }: Renaming,
): Promise<Value[]> {
  const { name: original, values } = (await source.get()) as { name: string; values: Value[] };
  const sums = new Map<string, Value>();
  for (const { labels: given, value, metricName = original } of values) {
    const { le, ...rest } = given;
    const bound = le === undefined ? {} : { le: typeof le === 'number' ? le * factor : le };
    const labels = { ...bound, ...relabel(rest) };
    const counts = metricName.endsWith('_bucket') || metricName.endsWith('_count');
    const scaled = counts ? value : value * factor;
    const key = JSON.stringify([metricName, Object.entries(labels).sort()]);
    const known = sums.get(key);
    if (known) known.value += scaled;
    else sums.set(key, { labels, value: scaled, metricName: name + metricName.slice(original.length) });
  }
  return [...sums.values()];
}
