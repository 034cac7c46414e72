import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jobOfEvent } from '#core/jobs/batch-event.ts';
import { writtenObjects } from '#core/jobs/drop-event.ts';
import { hasCode } from '../../contract/contract-expectations.ts';

const bridged = (key: string) => ({
  version: '0',
  'detail-type': 'Object Created',
  source: 'aws.s3',
  detail: {
    bucket: { name: 'data' },
    object: { key, size: 5, etag: 'e', 'version-id': 'v1', sequencer: '00' },
    reason: 'PutObject',
  },
});

/** As S3 writes it: UTF-8, percent-encoded, `+` for a space. */
const notified = (key: string) => ({
  Records: [
    {
      eventVersion: '2.6',
      eventName: 'ObjectCreated:Put',
      s3: {
        bucket: { name: 'data' },
        object: {
          key: encodeURIComponent(key).replaceAll('%20', '+'),
          eTag: 'e',
          versionId: 'v1',
        },
      },
    },
  ],
});

const keys = ['a b', 'a+b', 'a%2Bb', '100%', 'é.jsonl', '😀', 'a//b', '../a', "it's(1)*!~"];

test('a key is what it is, whichever way S3 tells of it', () => {
  for (const key of keys) {
    const expected = [{ bucket: 'data', key, etag: 'e', versionId: 'v1' }];
    assert.deepEqual(writtenObjects(bridged(key)), expected);
    assert.deepEqual(writtenObjects(notified(key)), expected);
  }
  const text = fc.string({ unit: 'binary', minLength: 1 });
  fc.assert(
    fc.property(text, (key) => {
      assert.equal(writtenObjects(bridged(key))[0]?.key, key);
      assert.equal(writtenObjects(notified(key))[0]?.key, key);
    }),
  );
});

test('the event by which S3 tries a notification out tells of no object, nor does a removal', () => {
  assert.deepEqual(writtenObjects({ Service: 'Amazon S3', Event: 's3:TestEvent' }), []);
  const removed = notified('a');
  for (const record of removed.Records) record.eventName = 'ObjectRemoved:Delete';
  assert.deepEqual(writtenObjects(removed), []);
});

test('anything else is refused', () => {
  const wrong = [null, 5, 'text', {}, { Records: [{}] }, { ...bridged('a'), detail: {} }];
  for (const event of [...wrong, { ...bridged('a'), 'detail-type': 'Object Deleted' }]) {
    assert.throws(() => writtenObjects(event), hasCode('invalid_request'));
  }
  const undecodable = notified('a');
  for (const record of undecodable.Records) record.s3.object.key = '%E9';
  assert.throws(() => writtenObjects(undecodable), hasCode('invalid_request'));
});

test('an event of AWS Batch is of the job that its submission is of, or of none of ours', () => {
  const jobId = `job_${'0'.repeat(26)}`;
  const event = (jobName: string, source = 'aws.batch') => ({
    source,
    'detail-type': 'Batch Job State Change',
    detail: { jobName, status: 'SUCCEEDED' },
  });

  assert.equal(jobOfEvent(event(`${jobId}-3`)), jobId);
  assert.equal(jobOfEvent(event(`${jobId}-3`, 'emu.aws.batch')), jobId);
  assert.equal(jobOfEvent({ jobId }), jobId);
  for (const foreign of [event('nightly-report'), event(jobId), { jobId: 'job_1' }, {}, null]) {
    assert.equal(jobOfEvent(foreign), undefined);
  }
});
