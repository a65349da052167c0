"""Hospital side: the contract, its codecs, the hardened parser and the transport."""
