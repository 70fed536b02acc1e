import type { StreamEvent } from '@reprise/protocol';
import type { Attachment } from '../../files/index.js';
import type { TenantId } from '../../common/index.js';
import type { Chosen } from '../catalogue/chosen.js';
import type { EarlierExchange } from '../loop/agent-run.js';
import type { JournaledCall } from '../calls/tool-journal.js';
import type { TurnEntries } from './turn-record.js';

/** What is left of a run. */
export interface KeptRun {
  tenant: TenantId;
  /** The question, and the files it was sent with. */
  content: string;
  /** What the application that asked added to the instructions. */
  instructions?: string | undefined;
  attachments: readonly Attachment[] | undefined;
  /** What its chat said about who answers. */
  chosen?: Chosen | undefined;
  entries: TurnEntries | undefined;
  /** Missing if it has expired. */
  log: readonly StreamEvent[] | undefined;
  calls: readonly JournaledCall[];
  /** Earlier exchanges of the chat by the id of the question. */
  exchanges: ReadonlyMap<string, EarlierExchange>;
  /** Summaries of the earlier conversation by their ids: their texts. */
  summaries: ReadonlyMap<string, string>;
}
