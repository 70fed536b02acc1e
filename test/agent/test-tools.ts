import { z } from 'zod';
import { AppError } from '../../src/common/index.js';
import { Tool, ToolError, type ToolContext, type ToolResult } from '../../src/tools/index.js';

const echoParameters = z.object({ text: z.string() });
const failParameters = z.object({ code: z.string().optional() });
const none = z.object({});

/** Tools that do what a test wants. */
export class TestTools {
  /** Texts echoed, in order. */
  readonly echoed: string[] = [];
  /** Texts of the tool that must not run twice. */
  readonly paid: string[] = [];
  /** Called when `hang` starts; it ends only with its signal, or never. */
  onHang: () => void = () => undefined;
  deaf = false;
  /** Called inside every `echo`. */
  onEcho: (text: string) => Promise<void> = () => Promise.resolve();

  @Tool({ name: 'echo', description: 'Says it back.', parameters: echoParameters, idempotent: true })
  async echo({ text }: z.output<typeof echoParameters>): Promise<ToolResult> {
    this.echoed.push(text);
    await this.onEcho(text);
    return { text: `echo of ${text}`, summary: `Echoed ${text}` };
  }

  @Tool({ name: 'pay', description: 'Must not run twice.', parameters: echoParameters, idempotent: false })
  pay({ text }: z.output<typeof echoParameters>): Promise<ToolResult> {
    this.paid.push(text);
    return Promise.resolve({ text: `paid ${text}` });
  }

  @Tool({ name: 'fail', description: 'Fails in words.', parameters: failParameters, idempotent: true })
  fail({ code }: z.output<typeof failParameters>): Promise<ToolResult> {
    return Promise.reject(new ToolError('no such city', code));
  }

  @Tool({ name: 'busy', description: 'Meets a full queue.', parameters: none, idempotent: true })
  busy(): Promise<ToolResult> {
    return Promise.reject(new AppError('queue_full'));
  }

  @Tool({ name: 'explode', description: 'Fails with a secret.', parameters: none, idempotent: true })
  explode(): Promise<ToolResult> {
    throw new Error('mongodb://user:secret@host');
  }

  @Tool({ name: 'hang', description: 'Never ends by itself.', parameters: none, idempotent: true })
  hang(_args: object, { signal }: ToolContext): Promise<ToolResult> {
    this.onHang();
    return new Promise((_resolve, reject) => {
      if (!this.deaf)
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
    });
  }

  @Tool({ name: 'chatty', description: 'Emits and does not wait.', parameters: none, idempotent: true })
  async chatty(_args: object, context: ToolContext): Promise<ToolResult> {
    void context.emit({ type: 'status', text: 'halfway' });
    await Promise.resolve();
    return { text: 'x'.repeat(400_000) };
  }
}
