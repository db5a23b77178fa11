/*
 * Loaded into the sandbox's wallet-rpc processes, so that opening a wallet takes half a second in place of three.
 *
 * Each open makes a 4096-bit RSA key for a connection that these wallets never make (the transport of multisig
 * messages). Here it has 2048 bits. Nothing else of the program is touched: neither keys nor signatures of money.
 */
int RSA_generate_multi_prime_key(void *rsa, int bits, int primes, void *exponent, void *callback);

int RSA_generate_key_ex(void *rsa, int bits, void *exponent, void *callback)
{
    (void)bits;
    return RSA_generate_multi_prime_key(rsa, 2048, 2, exponent, callback);
}
