import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { Settings } from '../platform/config/index.js';

/** How busy this process is. */
export interface LoadFigures {
  /** 99th percentile of the event loop's delay since the last look, ms. */
  loop_delay_p99_ms: number;
  /** Used part of the heap's limit, 0..1. */
  heap_used: number;
}

/** Watches event loop and heap: a process that is late with everything shall get no more work. */
@Injectable()
export class ProcessLoad implements OnApplicationShutdown {
  private readonly delay = monitorEventLoopDelay({ resolution: 20 });

  constructor(private readonly settings: Settings) {
    this.delay.enable();
  }

  figures(): LoadFigures {
    const p99 = this.delay.percentile(99) / 1e6;
    this.delay.reset();
    const { used_heap_size, heap_size_limit } = getHeapStatistics();
    return {
      loop_delay_p99_ms: Number.isFinite(p99) ? Math.round(p99) : 0,
      heap_used: Math.round((100 * used_heap_size) / heap_size_limit) / 100,
    };
  }

  /** Why this process should get no more work; nothing when it may. */
  overload({ loop_delay_p99_ms, heap_used }: LoadFigures): string | undefined {
    if (loop_delay_p99_ms > this.settings.READY_MAX_LOOP_DELAY_MS) return 'the event loop is late';
    if (heap_used > this.settings.READY_MAX_HEAP) return 'the heap is nearly full';
    return undefined;
  }

  onApplicationShutdown(): void {
    this.delay.disable();
  }
}
