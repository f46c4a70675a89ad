"""The systems: MoCoGAN, VGAN, TGAN, and a GAN of single frames.

A file here says which networks a system has and which latents it draws. How it is
trained, sampled and exported lives elsewhere; nothing here knows of data sets, metrics
or callbacks.
"""
