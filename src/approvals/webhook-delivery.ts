import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import PQueue from 'p-queue';
import { ApprovalJournal } from '../agent/index.js';
import { Clock, type TenantId } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { Log } from '../platform/logging/index.js';
import type { ApprovalNotice } from './approval-notice.schema.js';
import { ApprovalOutbox } from './approval-outbox.js';
import { webhookRequest } from './webhook-request.js';

/** Other workers' reports, and those that are due again, are looked for this often. */
const LOOK_MS = 2000;
const TIMEOUT_MS = 10_000;
const CONCURRENCY = 8;
const LONGEST_PAUSE_MS = 600_000;

/** Delivers reports to the webhook. A receiver that fails or hangs delays reports, and nothing else. */
@Injectable()
export class WebhookDelivery implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Log(WebhookDelivery.name);
  private readonly queue = new PQueue({ concurrency: CONCURRENCY });
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly outbox: ApprovalOutbox,
    private readonly approvals: ApprovalJournal,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    const { APPROVAL_WEBHOOK_URL: url, ROLE } = this.settings;
    if (url === undefined || ROLE === 'api') return;
    const look = (): void => {
      this.fill();
    };
    this.outbox.onAdded(look);
    this.timer = setInterval(look, LOOK_MS);
    look();
  }

  /** A report that is under way is due again soon: another worker delivers it. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort();
    await this.queue.onIdle();
  }

  private fill(): void {
    if (this.stopping.signal.aborted || this.queue.pending >= CONCURRENCY) return;
    this.queue
      .add(async () => (await this.next()) && true)
      .then((found) => {
        if (found) this.fill();
      })
      .catch((error: unknown) => {
        this.logger.warn('a report of an approval could not be read or stored; it is repeated', {
          err: error,
        });
      });
  }

  /** @returns whether there was a report to deliver. */
  private async next(): Promise<boolean> {
    const notice = await this.outbox.claim();
    if (!notice) return false;
    this.fill(); // there may be more, and this one may take its time
    if (await this.isOpen(notice)) await this.deliver(notice);
    else await this.outbox.settle(notice);
    return true;
  }

  /** Nobody wants to know about a call that is decided. */
  private async isOpen({ tenant_id, message_id, call_id, expires_at }: ApprovalNotice): Promise<boolean> {
    if (expires_at.getTime() <= this.clock.now()) return false;
    const call = await this.approvals.find({ tenant: tenant_id as TenantId, message_id, call_id });
    return call?.status === 'running' && call.approval.state === 'pending';
  }

  private async deliver(notice: ApprovalNotice): Promise<void> {
    const failure = await this.post(notice);
    if (failure === undefined) return this.outbox.settle(notice);
    if (this.stopping.signal.aborted) return this.outbox.postpone(notice, 0);
    const ms = this.pauseAfter(notice.attempts);
    const { message_id, call_id, attempts } = notice;
    this.logger.warn('a report of an approval was not accepted; it is repeated', {
      ...{ message_id, call_id, attempts, failure, pause_ms: ms },
    });
    return this.outbox.postpone(notice, ms);
  }

  /** @returns why it was not accepted. */
  private async post(notice: ApprovalNotice): Promise<string | undefined> {
    const { APPROVAL_WEBHOOK_URL: url = '', APPROVAL_WEBHOOK_SECRET: keys = [] } = this.settings;
    const signal = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    try {
      const request = webhookRequest(notice, keys, this.clock.now());
      // A redirect would carry the report to an address that nobody has configured.
      const response = await fetch(url, { ...request, method: 'POST', redirect: 'manual', signal });
      await response.body?.cancel();
      return response.ok ? undefined : `HTTP ${response.status}`;
    } catch (error) {
      return reasonOf(error);
    }
  }

  /** Twice as long each time, and not the same for all. */
  private pauseAfter(attempts: number): number {
    const ms = this.settings.APPROVAL_WEBHOOK_RETRY_MS * 2 ** Math.min(attempts - 1, 20);
    return Math.round(Math.min(ms, LONGEST_PAUSE_MS) * (0.8 + Math.random() * 0.4));
  }
}

/** Without the address, which may contain a secret. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
  return code ?? error.name;
}
