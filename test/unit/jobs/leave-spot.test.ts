import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decideMove, type SpotJob } from '#core/jobs/leave-spot.ts';
import type { JobSafetyNet } from '#core/jobs/safety-net.ts';
import { marketOf, playSpotJob } from '../../fixtures/routing/play-spot-job.ts';

const hour: JobSafetyNet = {
  lane: 'gpu-on-demand',
  workers: 2,
  bySeconds: 3_600,
  startSeconds: 600,
  runSeconds: 1_000,
  spotRunSeconds: 1_000,
  spotSetupSeconds: 300,
  overheadSeconds: 10,
  lookSeconds: 60,
};
const begun: SpotJob = {
  spot: 'waits',
  losses: 0,
  workers: 2,
  elapsedSeconds: 0,
  leftShare: 1,
  net: hour,
  hasDeadline: true,
};

test('without a time to keep only losses make a job leave spot', () => {
  const calm = { ...begun, net: undefined, elapsedSeconds: 1e6 };
  assert.equal(decideMove(calm), undefined);
  assert.equal(decideMove({ ...calm, losses: 5 }), undefined);
  assert.match(decideMove({ ...calm, losses: 6 })?.reason ?? '', /^6 spot instances/);
  assert.equal(decideMove({ ...calm, losses: 6, spot: 'works' }), undefined);
});

test('a job waits for as long as an instance could still be lost in its set-up before the net is due', () => {
  // 3,600 - 10 for plan and merge - 600 - 1,000 for the net leave 1,990 s; a look and a set-up are kept.
  const at = (elapsedSeconds: number) => decideMove({ ...begun, elapsedSeconds });
  assert.equal(at(1_629), undefined);
  assert.deepEqual(at(1_631), { spot: 'ends', reason: 'the deadline leaves no time to wait' });
});

test('an instance that works is kept while its loss could be made good, and never taken away', () => {
  const at = (elapsedSeconds: number, leftShare: number) =>
    decideMove({ ...begun, spot: 'works', elapsedSeconds, leftShare });
  assert.equal(at(1_929, 1), undefined);
  assert.equal(at(1_931, 1)?.spot, 'goes-on');
  assert.equal(at(2_429, 0.5), undefined);
  assert.equal(at(3_000, 0), undefined);
});

test('a deadline that is past is no reason to pay more; the time of a quote without one is', () => {
  const late = { ...begun, elapsedSeconds: 3_700 };
  assert.equal(decideMove(late), undefined);
  assert.equal(decideMove({ ...late, hasDeadline: false })?.spot, 'ends');
});

const nets = fc.record({
  lane: fc.constantFrom('gpu-on-demand' as const, 'cpu-fleet' as const),
  workers: fc.constant(1),
  startSeconds: fc.integer({ min: 1, max: 900 }),
  runSeconds: fc.integer({ min: 1, max: 20_000 }),
  spotRunSeconds: fc.integer({ min: 1, max: 20_000 }),
  spotSetupSeconds: fc.integer({ min: 1, max: 600 }),
  overheadSeconds: fc.integer({ min: 0, max: 60 }),
  lookSeconds: fc.integer({ min: 1, max: 900 }),
});

test('more losses, or less time left, never make a job stay that would leave', () => {
  const jobs = fc.record({
    spot: fc.constantFrom('waits' as const, 'starts' as const, 'works' as const),
    losses: fc.nat(50),
    workers: fc.integer({ min: 1, max: 10 }),
    elapsedSeconds: fc.integer({ min: 0, max: 40_000 }),
    leftShare: fc.double({ min: 0, max: 1, noNaN: true }),
    net: nets.map((net) => ({ ...net, bySeconds: 40_000 })),
    hasDeadline: fc.constant(false),
  });
  fc.assert(
    fc.property(jobs, (job) => {
      if (decideMove(job) === undefined) return;
      assert.ok(decideMove({ ...job, losses: job.losses + 1 }));
      assert.ok(decideMove({ ...job, elapsedSeconds: job.elapsedSeconds + 1 }));
      assert.ok(decideMove({ ...job, leftShare: Math.max(job.leftShare, 1e-9) }));
    }),
  );
});

/** Stays of random length, with and without capacity. */
const markets = fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 30 });

test('whatever the market does and whenever one looks, a time that the net can keep is kept', () => {
  fc.assert(
    fc.property(
      nets,
      fc.integer({ min: 0, max: 8_000 }),
      markets,
      fc.boolean(),
      fc.integer({ min: 1, max: 900 }),
      (drawn, moreSeconds, stays, startsUp, often) => {
        const least =
          drawn.overheadSeconds + drawn.lookSeconds + drawn.startSeconds + drawn.runSeconds;
        const net = { ...drawn, bySeconds: least + moreSeconds };
        const lookEvery = Math.min(often, net.lookSeconds);
        const isUp = marketOf(stays, startsUp);
        const { endSeconds } = playSpotJob(net, { isUp, lookEvery });
        // A second for the steps of this play.
        assert.ok(
          endSeconds + net.overheadSeconds <= net.bySeconds + 1,
          `${endSeconds} + ${net.overheadSeconds} > ${net.bySeconds}`,
        );
      },
    ),
    { numRuns: 100 },
  );
});

test('a market that always has capacity is never left', () => {
  fc.assert(
    fc.property(nets, (drawn) => {
      const { overheadSeconds, lookSeconds, startSeconds, runSeconds, spotSetupSeconds } = drawn;
      const slack = 2 * lookSeconds + 2 * spotSetupSeconds;
      const work = Math.max(runSeconds, drawn.spotRunSeconds);
      const bySeconds = overheadSeconds + startSeconds + work + slack;
      const market = { isUp: () => true, lookEvery: lookSeconds };
      const { moved } = playSpotJob({ ...drawn, bySeconds }, market);
      assert.equal(moved, undefined);
    }),
    { numRuns: 100 },
  );
});
