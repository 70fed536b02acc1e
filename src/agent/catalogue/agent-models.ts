import { Injectable } from '@nestjs/common';
import { ModelCatalogue, ModelRefError, RemoteChatModels, type ChatModel } from '../../models/index.js';
import { fillVariables, Settings } from '../../platform/config/index.js';
import type { AgentRun } from '../loop/agent-run.js';
import type { AgentSpec, ModelAgent, RemoteAgent } from './definition.js';
import { A2aModel } from '../kinds/a2a-model.js';
import { RemoteModel, type RemoteRun } from '../kinds/remote-model.js';
import { WorkflowModel } from '../kinds/workflow-model.js';
import { RunFailure } from '../loop/run-failure.js';

/** What answers for an agent. To the loop, a workflow and a remote agent are models, too. */
@Injectable()
export class AgentModels {
  constructor(
    private readonly models: ModelCatalogue,
    private readonly settings: Settings,
    private readonly elsewhere: RemoteChatModels,
  ) {}

  /** The models to ask, in this order. @throws RunFailure `remote_not_configured`, `model_not_configured`. */
  chain(agent: AgentSpec, run: AgentRun): readonly ChatModel[] {
    if (agent.kind === 'workflow') return [new WorkflowModel(agent)];
    if (agent.kind === 'remote') return [this.remote(agent, run)];
    return this.served(agent);
  }

  /** The file of agents may have changed since the run began. */
  private served({ name, models }: ModelAgent): readonly ChatModel[] {
    try {
      return this.models.chain(models);
    } catch (error) {
      if (!(error instanceof ModelRefError)) throw error;
      const text = `The agent "${name}" names a model that cannot be asked. ${error.message}`;
      throw new RunFailure({ error: text, code: 'model_not_configured', retryable: false });
    }
  }

  private remote(agent: RemoteAgent, run: AgentRun): ChatModel {
    const url = agent.url ?? this.settings.AI_AGENT_SERVICE_URL;
    if (url === undefined) throw notConfigured(agent.name);
    const given = Object.entries(agent.headers).map(([name, value]) => [name, fillVariables(value)]);
    const headers = Object.fromEntries(given) as Record<string, string>;
    const target = { url, headers, timeoutMs: agent.timeout_ms ?? this.settings.MODEL_TIMEOUT_MS };
    if (agent.protocol === 'a2a') return new A2aModel(agent, target, aboutOf(run));
    if (agent.protocol === 'sse') return new RemoteModel(agent, target, aboutOf(run));
    return this.elsewhere.model({ ref: `remote:${agent.name}`, model: agent.model ?? agent.name, ...target });
  }
}

function aboutOf({ tenant, chat_id, message_id, metadata }: AgentRun): RemoteRun {
  const { project_id: project } = metadata;
  const project_id = typeof project === 'string' ? project : 'default';
  return { session_id: chat_id, message_id, tenant_id: tenant, project_id };
}

function notConfigured(name: string): RunFailure {
  const error = `The remote agent "${name}" has no address: set its url, or AI_AGENT_SERVICE_URL.`;
  return new RunFailure({ error, code: 'remote_not_configured', retryable: false });
}
