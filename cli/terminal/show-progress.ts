import { SingleBar } from 'cli-progress';
import type { JobAnswer } from '../service/service-answers.ts';
import { durationText, rowsText } from './format-job.ts';
import { printNote, type Terminal } from './terminal.ts';

export interface ProgressDisplay {
  show(job: JobAnswer): void;
  /** The service went away; the watch goes on. */
  showLost(detail: string): void;
  /** Leaves the terminal as it was; nothing is shown after it. */
  close(): void;
}

/** A bar where people look on, else a line for each change of status and every 5 seconds. */
export function openProgressDisplay(terminal: Terminal): ProgressDisplay {
  return terminal.stderr.isTTY === true ? progressBar(terminal) : progressLines(terminal);
}

function progressBar(terminal: Terminal): ProgressDisplay {
  const bar = new SingleBar({
    stream: terminal.stderr,
    format: '{status} {bar} {percentage}% | {rows} {rate} {left}',
    hideCursor: true,
    // The display must not keep a program alive whose watch has ended.
    noTTYOutput: false,
    gracefulExit: false,
  });
  let isStarted = false;
  return {
    show(job) {
      const { total, completed, failed } = job.counts;
      const facts = { status: job.status.padEnd(10), rows: rowsText(job), ...speedFacts(job) };
      // The bar calls 0 of 0 complete, and 0 is what a total is until the input was read.
      const isEmpty = total === 0 && job.status === 'completed';
      const [whole, done] = isEmpty ? [1, 1] : [Math.max(1, total), completed + failed];
      if (!isStarted) bar.start(whole, done, facts);
      isStarted = true;
      bar.setTotal(whole);
      bar.update(done, facts);
    },
    showLost(detail) {
      if (isStarted) bar.update({ status: 'waiting   ', rows: detail, rate: '', left: '' });
    },
    close() {
      if (isStarted) bar.stop();
    },
  };
}

function speedFacts(job: JobAnswer): { readonly rate: string; readonly left: string } {
  const rowsPerSecond = Math.round(job.rows_per_second ?? 0);
  return {
    rate: rowsPerSecond === 0 ? '' : `${rowsPerSecond} rows/s`,
    left: job.eta_seconds === null ? '' : `${durationText(job.eta_seconds)} left`,
  };
}

const lineMillis = 5_000;

function progressLines(terminal: Terminal): ProgressDisplay {
  let lastStatus = '';
  let lastMillis = Number.NEGATIVE_INFINITY;
  return {
    show(job) {
      const nowMillis = performance.now();
      if (job.status === lastStatus && nowMillis - lastMillis < lineMillis) return;
      lastStatus = job.status;
      lastMillis = nowMillis;
      const { rate, left } = speedFacts(job);
      const facts = [rowsText(job), rate, left].filter((fact) => fact !== '');
      printNote(terminal, `${job.status}: ${facts.join(', ')}`);
    },
    showLost(detail) {
      lastStatus = '';
      printNote(terminal, `waiting: ${detail}`);
    },
    close() {},
  };
}
