import type { Registry } from 'prom-client';
import { counter, gauge, histogram, LONG_SECONDS, WAIT_SECONDS, type Labels } from './figures.js';
import { sameCounter } from './same-figures.js';

/** One request to a model. */
export interface ModelCall {
  provider: string;
  model: string;
  agent: string;
  status: 'completed' | 'error' | 'cancelled';
  /** `ok`, `cancelled`, or why it failed. */
  outcome: string;
  seconds: number;
  /** Until the first piece of the answer; missing if there was none. */
  firstSeconds?: number | undefined;
  prompt_tokens: number;
  completion_tokens: number;
}

/** What models are asked. */
export class ModelMetrics {
  private readonly calls;
  private readonly outcomes;
  private readonly durations;
  private readonly first;
  private readonly tokens;
  private readonly circuits;

  constructor(
    registry: Registry,
    private readonly labels: Labels,
  ) {
    const to: [Registry] = [registry];
    this.calls = counter(to, {
      name: 'llm_calls_total',
      help: 'Requests to models; every attempt counts.',
      labels: ['model', 'agent', 'status'],
    });
    this.durations = histogram(to, {
      name: 'llm_call_duration_seconds',
      help: 'Time from a request to a model to the end of its answer.',
      labels: ['model', 'agent', 'status'],
      buckets: LONG_SECONDS,
    });
    this.tokens = counter(to, {
      name: 'llm_tokens_used_total',
      help: 'Tokens that models have reported; type is prompt or completion.',
      labels: ['model', 'agent', 'type'],
    });
    this.outcomes = counter(to, {
      name: 'reprise_model_calls_total',
      help: 'Requests to models by what came of them: ok, cancelled, or the code of the failure.',
      labels: ['provider', 'model', 'outcome'],
    });
    this.first = histogram(to, {
      name: 'reprise_model_first_token_seconds',
      help: 'Time from a request to a model to the first piece of its answer.',
      labels: ['provider', 'model'],
      buckets: WAIT_SECONDS,
    });
    this.circuits = gauge(to, {
      name: 'reprise_model_circuit_open',
      help: 'Whether a model failed so often that it is not asked: 1, while one request may try 0.5, else 0.',
      labels: ['model'],
    });
    sameCounter(registry, this.tokens, {
      name: 'openai_tokens_total',
      help: 'The figures of llm_tokens_used_total for models of every provider, all agents together.',
      relabel: ({ model, type }) => ({ model, type }),
    });
  }

  called(call: ModelCall): void {
    const { status, seconds, firstSeconds, prompt_tokens, completion_tokens } = call;
    const { labels } = this;
    const model = labels.model.of(call.model);
    const agent = labels.agent.of(call.agent);
    const provider = labels.provider.of(call.provider);
    this.calls.inc({ model, agent, status });
    this.durations.observe({ model, agent, status }, seconds);
    this.outcomes.inc({ provider, model, outcome: labels.code.of(call.outcome) });
    if (firstSeconds !== undefined) this.first.observe({ provider, model }, firstSeconds);
    if (prompt_tokens > 0) this.tokens.inc({ model, agent, type: 'prompt' }, prompt_tokens);
    if (completion_tokens > 0) this.tokens.inc({ model, agent, type: 'completion' }, completion_tokens);
  }

  /** @param model `provider:model` */
  circuit(model: string, state: 'closed' | 'open' | 'half_open'): void {
    const value = { closed: 0, half_open: 0.5, open: 1 }[state];
    this.circuits.set({ model: this.labels.model.of(model) }, value);
  }
}
