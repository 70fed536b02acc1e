import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../common/index.js';
import { AttachedFiles, READ_ATTACHMENT } from '../../files/index.js';
import type { ModelTool } from '../../models/index.js';
import { Settings } from '../../platform/config/index.js';
import type { AgentRun } from '../loop/agent-run.js';
import { charsWithin, giveRoom, planFiles } from './file-plan.js';
import { questionMessage } from './question-message.js';
import type { Asked, FileLimits, LoadedFiles, QuestionMessage, Showing } from './shown-files.js';

/** Puts the files that questions were sent with before their words. */
@Injectable()
export class QuestionFiles {
  constructor(
    private readonly files: AttachedFiles,
    private readonly settings: Settings,
  ) {}

  /** How much of all files of a conversation is passed to a model now. */
  get limits(): FileLimits {
    const { ATTACHMENTS_MAX_TOKENS: tokens, ATTACHMENT_IMAGES_MAX_BYTES: image_bytes } = this.settings;
    return { tokens, image_bytes };
  }

  /** Questions of one conversation, oldest first, in the same order: the newest ones get the most room. */
  async show(tenant: TenantId, questions: readonly Asked[], how: Showing): Promise<QuestionMessage[]> {
    const { limits, canRead, withImages = true } = how;
    const plans = planFiles(questions, limits);
    const documents = plans.flatMap((plan) => [...plan.documents.keys()]);
    const images = plans.flatMap((plan) => [...plan.images]);
    const [texts, bytes] = await Promise.all([
      this.files.beginnings(tenant, documents, charsWithin(limits)),
      withImages ? this.files.contents(tenant, images) : placeholders(images),
    ]);
    giveRoom(plans, texts, limits.tokens);
    const loaded: LoadedFiles = { texts, images: bytes };
    return questions.flatMap((asked, index) => {
      const plan = plans[index];
      return plan ? [questionMessage(asked, { plan, loaded, canRead })] : [];
    });
  }
}

/** Whether a model may want to read a document that the conversation of a run has. */
export function hasDocuments({ attachments = [], history, documents = false }: AgentRun): boolean {
  const all = [...attachments, ...history.flatMap((exchange) => exchange.attachments ?? [])];
  return documents || all.some(({ characters }) => characters !== undefined);
}

/** Whether an agent with these tools can read documents. */
export function readsFiles(tools: readonly ModelTool[]): boolean {
  return tools.some(({ name }) => name === READ_ATTACHMENT);
}

function placeholders(ids: readonly string[]): Map<string, Buffer> {
  return new Map(ids.map((id) => [id, Buffer.alloc(0)]));
}
