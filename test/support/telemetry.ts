import { AgentWatch } from '../../src/agent/watch/agent-watch.js';
import { ModelWatch } from '../../src/agent/watch/model-watch.js';
import { ToolWatch } from '../../src/agent/watch/tool-watch.js';
import { Metrics, NoTracing } from '../../src/platform/telemetry/index.js';

/** Metrics that nobody reads. */
export const newMetrics = (): Metrics => new Metrics();

/** Watches of the agent whose reports nobody reads. */
export function newWatches(): { agents: AgentWatch; models: ModelWatch; tools: ToolWatch } {
  const [metrics, tracing] = [newMetrics(), new NoTracing()];
  return {
    agents: new AgentWatch(metrics, tracing),
    models: new ModelWatch(metrics, tracing),
    tools: new ToolWatch(metrics, tracing),
  };
}
