import type { MessageDocument } from '../run-record/index.js';
import type { ChatRecord } from './chat-record.js';
import { inOrder, Versions, type Place } from './versions.js';

/** Questions that are read in one go. */
const BATCH = 40;

type Step = Place & Pick<MessageDocument, 'parent_id'>;

/**
 * The way from a question back to the first one of its chat. A question follows the one that it names; one that names
 * none follows the newest question before it, which is how most are asked, and how all were before there were branches.
 */
export class Path {
  /** The newest questions before `batchOf`, newest first. */
  private batch: readonly MessageDocument[] = [];
  private batchOf: Place | undefined;

  private constructor(
    private readonly chat: ChatRecord,
    readonly versions: Versions,
  ) {}

  static async in(chat: ChatRecord): Promise<Path> {
    const retries = await chat.retries();
    const named = retries.map(({ retry_of }) => retry_of);
    return new Path(chat, new Versions(retries, await chat.questions(named)));
  }

  /** The question that another one follows; nothing before the first. */
  async before(question: Step): Promise<MessageDocument | undefined> {
    const { parent_id } = question;
    if (parent_id === null) return undefined;
    if (parent_id !== undefined) {
      const id = parent_id.toHexString();
      const known = this.batch.find(({ _id }) => _id.toHexString() === id);
      const [parent] = known ? [known] : await this.chat.questions([id]);
      // A chat that was imported in part may lack it; and nothing follows what came later.
      if (parent && inOrder(parent, question) < 0) return parent;
    }
    return this.newestBefore(this.versions.firstOf(question));
  }

  private async newestBefore(place: Place): Promise<MessageDocument | undefined> {
    const find = (): MessageDocument | undefined => this.batch.find((one) => inOrder(one, place) < 0);
    if (this.batchOf && inOrder(place, this.batchOf) <= 0) {
      const found = find();
      if (found ?? this.batch.length < BATCH) return found;
    }
    this.batch = await this.chat.before(place, { limit: BATCH, without: this.versions.repeated });
    this.batchOf = place;
    return find();
  }
}
