"""The systems: MoCoGAN, VGAN, TGAN, and a GAN of single frames.

Each file here says which networks a system has and which latents it draws. Training,
sampling and export are elsewhere; nothing here knows about data sets, metrics or
callbacks.
"""
