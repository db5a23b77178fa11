// A Bitcoin regtest node and its wallet on loopback, with all state in one folder.
//
//   node bcoin.js --port N --wallet-port N --folder DIR --key-file FILE
//
// Regtest only, without peers: nothing that it mines or pays is worth anything.
'use strict';

process.env.NODE_BACKEND = 'js'; // The native cryptography would have to be compiled.

const fs = require('fs');
const {FullNode, wallet} = require('bcoin');

// bcoin says null for a bound that it does not set; a leveldown of today takes null for a bound that nothing is within.
const leveldown = require('leveldown');
const iterator = leveldown.prototype.iterator;
leveldown.prototype.iterator = function (options) {
  const bounds = Object.entries(options || {}).filter(([, value]) => value !== null);
  return iterator.call(this, Object.fromEntries(bounds));
};

const option = name => process.argv[process.argv.indexOf('--' + name) + 1];
const folder = option('folder');
const key = fs.readFileSync(option('key-file'), 'utf8').trim();

const node = new FullNode({
  network: 'regtest',
  memory: false,
  prefix: folder,
  listen: false,
  noDns: true,
  only: ['127.0.0.1:1'],
  httpHost: '127.0.0.1',
  httpPort: Number(option('port')),
  apiKey: key,
  indexTx: true,
  indexAddress: true,
  workers: false,
  logConsole: false,
  logLevel: 'error',
  plugins: [wallet.plugin],
  'wallet-prefix': folder,
  'wallet-http-host': '127.0.0.1',
  'wallet-http-port': Number(option('wallet-port')),
  'wallet-api-key': key
});

const fail = (error) => {
  console.error(error);
  process.exit(1);
};

process.on('SIGTERM', () => node.close().then(() => process.exit(0), fail));

(async () => {
  await node.ensure();
  await node.open();
  // Without these two it makes no blocks after one was taken back.
  await node.connect();
  node.startSync();
})().catch(fail);
